package org.pixelwake.engine;

/// What a consumer does to a tensor as it loads it (`pw_view` in `kernels.h`).
public enum Transform {
  /// Nothing.
  NONE(0),
  /// Batch norm, then SiLU.
  BN_SILU(1),
  /// Batch norm, SiLU, then the squeeze-excite gate of its image and channel.
  BN_SILU_GATE(2),
  /// Batch norm alone.
  BN(3);

  private final int code;

  Transform(int code) {
    this.code = code;
  }

  /// Whether it evaluates SiLU.
  public boolean activates() {
    return this == BN_SILU || this == BN_SILU_GATE;
  }

  /// `PW_NONE` ... of `kernels.h`.
  public int code() {
    return code;
  }
}
