package org.pixelwake.training.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.training.Evaluation;

class SharpnessTest {
  private static final int SIDE = 48;

  /// Tracks and blobs whose pixels are squares of 1, 3 or 5, as enlarged images have them.
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void falls(int square) {
    for (float halfWidth : new float[] {0.6f, 1.5f, 3}) {
      float[] target = track(square, halfWidth);
      assertEquals(1, Sharpness.of(target, target, SIDE), 1e-12);
      double last = 1;
      for (double sigma : new double[] {0.4, 0.7, 1, 1.5, 2, 3, 5, 8}) {
        double sharpness = Sharpness.of(blurred(target, sigma), target, SIDE);
        assertTrue(sharpness < last && sharpness > 0, sigma + ": " + sharpness + " of " + last);
        last = sharpness;
      }
      assertTrue(last < 0.3);
    }
  }

  @Test
  void brightnessDoesNotMatterAndHazeIsNotSharp() {
    float[] target = track(3, 1.5f);
    float[] dim = new float[target.length];
    float[] haze = new float[target.length];
    float[] under = new float[target.length];
    for (int p = 0; p < target.length; p++) {
      dim[p] = 0.25f * target[p];
      haze[p] = 0.5f;
      under[p] = target[p] + 0.5f;
    }
    assertEquals(1, Sharpness.of(dim, target, SIDE), 1e-6);
    assertEquals(0, Sharpness.of(haze, target, SIDE), 1e-12);
    assertEquals(0, Sharpness.of(new float[target.length], target, SIDE));
    double hazy = Sharpness.of(under, target, SIDE);
    assertTrue(hazy > 0.5 && hazy < 0.9, () -> "" + hazy);
  }

  @Test
  void threePixelsByHand() {
    // In rows of 3: the cluster is the middle one of the first row.
    float[] target = {0, 2, 0, 0, 0, 0};
    float[] image = {1, 2, 0, 0, 1, 0};
    // Steps 1, 2 and 1 over 2, of 6 over 2.
    assertEquals(2.0 / 3, Sharpness.of(image, target, 3), 1e-12);
    assertTrue(Double.isNaN(Sharpness.of(image, new float[6], 3)));
    assertThrows(IllegalArgumentException.class, () -> Sharpness.of(image, target, 4));
  }

  @Test
  void pictureAsItIsShown() {
    // The mask is right: what lies outside of it is not shown.
    float[] energy = track(3, 1.5f);
    float[] soft = blurred(energy, 1);
    float[] target = new float[3 * energy.length];
    float[] output = new float[5 * energy.length];
    for (int p = 0; p < energy.length; p++) {
      target[3 * p] = energy[p];
      output[5 * p] = soft[p];
      output[5 * p + 3] = energy[p] > 0 ? 1 : -1;
    }
    Evaluation.Picture picture = new Evaluation.Picture(SIDE, target, output);
    double raw = Sharpness.of(picture, false);
    assertEquals(Sharpness.of(soft, energy, SIDE), raw, 1e-12);
    assertTrue(Sharpness.of(picture, true) > raw + 0.1);
  }

  // A slanted track in the middle, of squares of so many pixels.
  private static float[] track(int square, float halfWidth) {
    Random random = new Random(3);
    int cells = SIDE / square;
    float[] image = new float[SIDE * SIDE];
    for (int cy = 0; cy < cells; cy++) {
      for (int cx = 0; cx < cells; cx++) {
        double dx = cx - cells / 2.0;
        double dy = cy - cells / 2.0;
        double along = 0.8 * dx + 0.6 * dy;
        double across = 0.8 * dy - 0.6 * dx;
        float value = 0.5f + random.nextFloat();
        if (Math.abs(along) < cells / 5.0 && Math.abs(across) <= halfWidth) {
          for (int p = 0; p < square * square; p++) {
            int y = cy * square + p / square;
            image[y * SIDE + cx * square + p % square] = value;
          }
        }
      }
    }
    return image;
  }

  // Gaussian blur, first along rows and then along columns.
  private static float[] blurred(float[] image, double sigma) {
    return blurredRows(blurredRows(image, sigma), sigma);
  }

  // The result is transposed.
  private static float[] blurredRows(float[] image, double sigma) {
    float[] out = new float[image.length];
    int reach = (int) Math.ceil(4 * sigma);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double sum = 0;
        double weights = 0;
        for (int d = -reach; d <= reach; d++) {
          double weight = Math.exp(-d * d / (2 * sigma * sigma));
          weights += weight;
          if (x + d >= 0 && x + d < SIDE) {
            sum += weight * image[y * SIDE + x + d];
          }
        }
        out[x * SIDE + y] = (float) (sum / weights);
      }
    }
    return out;
  }
}
