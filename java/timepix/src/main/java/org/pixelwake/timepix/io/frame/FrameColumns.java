package org.pixelwake.timepix.io.frame;

import java.util.Arrays;
import org.pixelwake.timepix.io.Frame;

/// Grows the hits of one frame, and tells a pixel that comes twice.
final class FrameColumns {
  private static final int SIDE = 512;

  private final int[] seen = new int[SIDE * SIDE];
  private int stamp = 1;
  private short[] x = new short[1024];
  private short[] y = new short[1024];
  private float[] energy = new float[1024];
  private int size;

  /// Notes the pixel; false where this frame has it already.
  boolean first(int column, int row) {
    int pixel = row * SIDE + column;
    if (seen[pixel] == stamp) {
      return false;
    }
    seen[pixel] = stamp;
    return true;
  }

  void add(int column, int row, float value) {
    if (size == x.length) {
      x = Arrays.copyOf(x, 2 * size);
      y = Arrays.copyOf(y, 2 * size);
      energy = Arrays.copyOf(energy, 2 * size);
    }
    x[size] = (short) column;
    y[size] = (short) row;
    energy[size++] = value;
  }

  int size() {
    return size;
  }

  /// The frame of what was added, and begins the next one.
  Frame frame(long number, double start, double exposure, String origin) {
    Frame frame =
        new Frame(
            number,
            start,
            exposure,
            origin,
            Arrays.copyOf(x, size),
            Arrays.copyOf(y, size),
            Arrays.copyOf(energy, size));
    size = 0;
    stamp++;
    return frame;
  }
}
