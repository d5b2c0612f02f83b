package org.pixelwake.report.section;

import org.pixelwake.report.image.FloatImage;

/// How alike two images are.
public final class ImageScores {
  private static final float HALF = 0.5f;

  private ImageScores() {}

  /// Mean of the squared difference over all pixels, hit or not.
  public static double meanSquaredError(FloatImage image, FloatImage target) {
    double sum = 0;
    for (int i = 0; i < target.count(); i++) {
      double difference = (double) image.at(i) - target.at(i);
      sum += difference * difference;
    }
    return sum / target.count();
  }

  /// Intersection over union of the pixels at 0.5 or more; 1 where both masks are empty.
  public static double intersectionOverUnion(FloatImage mask, FloatImage target) {
    int both = 0;
    int either = 0;
    for (int i = 0; i < target.count(); i++) {
      boolean a = mask.at(i) >= HALF;
      boolean b = target.at(i) >= HALF;
      both += a && b ? 1 : 0;
      either += a || b ? 1 : 0;
    }
    return either == 0 ? 1 : (double) both / either;
  }
}
