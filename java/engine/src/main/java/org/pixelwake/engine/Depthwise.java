package org.pixelwake.engine;

import static org.pixelwake.engine.Symbol.I32;
import static org.pixelwake.engine.Symbol.I64;
import static org.pixelwake.engine.Symbol.PTR;

/// Depthwise convolutions, plain and transposed; the records are those of [Convolution].
final class Depthwise {
  private Depthwise() {}

  static final Symbol WORKSPACE = Symbol.of("pw_depthwise_workspace", I64, PTR, PTR, I32);
  static final Symbol FORWARD =
      Symbol.status("pw_depthwise_forward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
  static final Symbol BACKWARD =
      Symbol.status("pw_depthwise_backward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
}
