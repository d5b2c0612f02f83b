package org.pixelwake.jcuda;

/// A two-dimensional convolution of NHWC tensors without a bias; padding is (kernel - 1) / 2.
///
/// The input is (n, h, w, cIn), the output (n, ho, wo, cOut), the filter (cOut, kernel, kernel, cIn
/// / groups), all stored alike and summed up in f32. For a depthwise or a pointwise convolution
/// this is the order of PyTorch's weights too.
///
/// @param kernel odd
/// @param groups 1, or for a depthwise convolution cIn = cOut
public record ConvolutionShape(
    int n, int h, int w, int cIn, int cOut, int kernel, int stride, int groups, ElementType type) {

  public ConvolutionShape {
    if (n < 1 || h < 1 || w < 1 || cIn < 1 || cOut < 1 || stride < 1 || groups < 1) {
      throw new IllegalArgumentException("every size of a convolution is at least 1");
    }
    if (kernel < 1 || kernel % 2 == 0) {
      throw new IllegalArgumentException("kernel " + kernel + " is not odd");
    }
    if (cIn % groups != 0 || cOut % groups != 0) {
      throw new IllegalArgumentException(
          "%d to %d channels do not fall into %d groups".formatted(cIn, cOut, groups));
    }
  }

  /// A convolution of every input channel with every output channel.
  public static ConvolutionShape dense(
      int n, int h, int w, int cIn, int cOut, int kernel, int stride, ElementType type) {
    return new ConvolutionShape(n, h, w, cIn, cOut, kernel, stride, 1, type);
  }

  /// A convolution of each channel for itself.
  public static ConvolutionShape depthwise(
      int n, int h, int w, int c, int kernel, int stride, ElementType type) {
    return new ConvolutionShape(n, h, w, c, c, kernel, stride, c, type);
  }

  /// Rows and columns added on each side.
  public int padding() {
    return (kernel - 1) / 2;
  }

  /// Rows of the output.
  public int ho() {
    return Math.ceilDiv(h, stride);
  }

  /// Columns of the output.
  public int wo() {
    return Math.ceilDiv(w, stride);
  }

  /// Bytes of the input.
  public long inputBytes() {
    return (long) n * h * w * cIn * type.bytes();
  }

  /// Bytes of the output.
  public long outputBytes() {
    return (long) n * ho() * wo() * cOut * type.bytes();
  }

  /// Bytes of the filter.
  public long filterBytes() {
    return (long) cOut * kernel * kernel * (cIn / groups) * type.bytes();
  }
}
