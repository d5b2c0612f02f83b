package org.pixelwake.jcuda;

/// One side of a comparison: computes a convolution on [Operands]. Work is given to the device's
/// stream and not waited for.
interface Side extends AutoCloseable {
  /// y from x and w.
  void forward();

  /// dx and dw from x, w and dy.
  void backward();

  @Override
  void close();
}
