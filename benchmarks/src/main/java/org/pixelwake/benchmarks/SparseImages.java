package org.pixelwake.benchmarks;

import java.util.SplittableRandom;

/// Images like upsampled tracks: a fifth of the 4 x 4 pixel squares is hit, all other pixels are
/// exactly zero, and the third channel is the binary map of an energy above one half.
final class SparseImages {
  private static final int CHANNELS = 3;
  private static final int SQUARE = 4;
  private static final double EMPTY = 0.8;
  private static final float THRESHOLD = 0.5f;

  private SparseImages() {}

  /// `count` images, channels first: `count * 3 * side * side` values in [0, 1).
  static float[] channelsFirst(int count, int side, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int squares = side / SQUARE;
    int area = side * side;
    float[] images = new float[count * CHANNELS * area];
    boolean[] hit = new boolean[squares * squares];
    for (int image = 0; image < count; image++) {
      for (int i = 0; i < hit.length; i++) {
        hit[i] = random.nextDouble() > EMPTY;
      }
      int start = image * CHANNELS * area;
      for (int pixel = 0; pixel < area; pixel++) {
        boolean on = hit[pixel / side / SQUARE * squares + pixel % side / SQUARE];
        float energy = on ? (float) random.nextDouble() : 0;
        images[start + pixel] = energy;
        images[start + area + pixel] = on ? (float) random.nextDouble() : 0;
        images[start + 2 * area + pixel] = energy > THRESHOLD ? 1 : 0;
      }
    }
    return images;
  }
}
