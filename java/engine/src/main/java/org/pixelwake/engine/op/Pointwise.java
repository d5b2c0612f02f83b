package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import org.pixelwake.engine.ffi.Symbol;

/// 1x1 convolutions as matrix products; the records are those of [Convolution].
final class Pointwise {
  private Pointwise() {}

  static final Symbol WORKSPACE = Symbol.of("pw_pointwise_workspace", I64, PTR, PTR, I32);
  static final Symbol FORWARD =
      Symbol.status("pw_pointwise_forward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
  static final Symbol BACKWARD =
      Symbol.status("pw_pointwise_backward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
}
