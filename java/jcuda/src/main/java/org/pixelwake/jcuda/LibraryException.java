package org.pixelwake.jcuda;

/// One of NVIDIA's libraries is missing, lacks a function, or failed; the message names the call
/// and repeats the library's own words, or says what is missing and what to do about it.
public final class LibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param message for people
  public LibraryException(String message) {
    super(message);
  }

  /// As above, with the failure underneath.
  public LibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
