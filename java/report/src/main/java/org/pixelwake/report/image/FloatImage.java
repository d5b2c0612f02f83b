package org.pixelwake.report.image;

import java.util.Objects;

/// Image of one channel, row by row from the top left corner.
///
/// @param width columns
/// @param height rows
/// @param values of all pixels, row-major
public record FloatImage(int width, int height, float[] values) {
  private static final float HALF = 0.5f;

  /// An image of values that are copied, so the caller may reuse the array.
  ///
  /// @param width columns, at least 1
  /// @param height rows, at least 1
  /// @param values `width * height` values, row-major
  /// @throws IllegalArgumentException if the lengths disagree
  public static FloatImage of(int width, int height, float[] values) {
    return ofChannel(width, height, values, 0, 1);
  }

  /// Takes one channel out of interleaved storage (NHWC), such as a network's output.
  ///
  /// @param values the buffer; value (x, y) is at `offset + (y * width + x) * stride`
  /// @param offset index of the first value
  /// @param stride distance between neighbours, the number of interleaved channels
  /// @throws IllegalArgumentException if the buffer is too short
  public static FloatImage ofChannel(
      int width, int height, float[] values, int offset, int stride) {
    if (width < 1 || height < 1 || offset < 0 || stride < 1) {
      throw new IllegalArgumentException(
          "image of %d x %d from offset %d, stride %d".formatted(width, height, offset, stride));
    }
    int count = Math.multiplyExact(width, height);
    if (offset + (count - 1L) * stride >= values.length) {
      throw new IllegalArgumentException(
          "%d values hold no image of %d x %d from offset %d, stride %d"
              .formatted(values.length, width, height, offset, stride));
    }
    float[] copy = new float[count];
    for (int i = 0; i < count; i++) {
      copy[i] = values[offset + i * stride];
    }
    return new FloatImage(width, height, copy);
  }

  /// Value at column `x`, row `y`.
  public float at(int x, int y) {
    return values[y * width + Objects.checkIndex(x, width)];
  }

  /// Largest finite value; 0 for an image without one above 0.
  public float maximum() {
    float max = 0;
    for (float v : values) {
      if (v > max && v < Float.POSITIVE_INFINITY) {
        max = v;
      }
    }
    return max;
  }

  public float at(int index) {
    return values[index];
  }

  /// Mean of the squared difference over all pixels, hit or not.
  public double meanSquaredError(FloatImage target) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      double difference = (double) values[i] - target.values[i];
      sum += difference * difference;
    }
    return sum / values.length;
  }

  /// Intersection over union of the pixels at 0.5 or more; 1 where both masks are empty.
  public double intersectionOverUnion(FloatImage target) {
    int both = 0;
    int either = 0;
    for (int i = 0; i < values.length; i++) {
      boolean here = values[i] >= HALF;
      boolean there = target.values[i] >= HALF;
      both += here && there ? 1 : 0;
      either += here || there ? 1 : 0;
    }
    return either == 0 ? 1 : (double) both / either;
  }
}
