package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import org.pixelwake.engine.ffi.Symbol;

/// Depthwise convolutions, plain and transposed; the records are those of [Convolution].
public final class Depthwise {
  private Depthwise() {}

  static final Symbol WORKSPACE = Symbol.of("pw_depthwise_workspace", I64, PTR, PTR, I32);
  static final Symbol FORWARD =
      Symbol.status("pw_depthwise_forward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
  static final Symbol BACKWARD =
      Symbol.status("pw_depthwise_backward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
}
