package org.pixelwake.engine;

/// A call into a native library failed; the message is the library's own.
public final class NativeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  public NativeException(String function, int status, String message) {
    super(function + ": " + message);
    this.status = status;
  }

  /// `PW_INVALID` (1), `PW_UNSUPPORTED` (2), `PW_NO_MEMORY` (3) or `PW_DEVICE` (4).
  public int status() {
    return status;
  }
}
