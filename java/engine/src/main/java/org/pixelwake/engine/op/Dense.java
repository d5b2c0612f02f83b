package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import org.pixelwake.engine.ffi.Symbol;

/// Dense convolutions with few channels on one side: the stem and the transposed heads; the records
/// are those of [Convolution].
final class Dense {
  private Dense() {}

  static final Symbol WORKSPACE = Symbol.of("pw_dense_workspace", I64, PTR, PTR, I32);
  static final Symbol FORWARD =
      Symbol.status("pw_dense_forward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
  static final Symbol BACKWARD =
      Symbol.status("pw_dense_backward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);
}
