package org.pixelwake.engine;

/// What an operation must move and compute at least, counted from its tensors.
///
/// @param bytes every distinct tensor that it reads once, every one that it writes once, in their
///   storage types; nothing for workspaces and for what a kernel reads again
/// @param flops multiplications and additions of convolutions and matrix products, two a
///   multiply-add, padding counted as if it were data; the element-wise rest is not counted
/// @param dotFlops those of `flops` that dot products of bf16 can do: between two tensors that the
///   kernel holds in bf16
/// @param activations elements of which it evaluates a sigmoid at least once, as SiLU and its
///   derivative do
public record Cost(long bytes, long flops, long dotFlops, long activations) {
  /// No work.
  public static final Cost NONE = new Cost(0, 0, 0, 0);

  /// What both cost.
  public Cost plus(Cost other) {
    return new Cost(
        bytes + other.bytes,
        flops + other.flops,
        dotFlops + other.dotFlops,
        activations + other.activations);
  }

  /// Operations of arithmetic per byte moved.
  public double intensity() {
    return bytes == 0 ? 0 : (double) flops / bytes;
  }
}
