package org.pixelwake.training.analysis;

import java.util.SplittableRandom;

/// Maps of points in two dimensions that keep neighbours together: UMAP (L. McInnes, J. Healy, J.
/// Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
/// arXiv:1802.03426).
///
/// The points start at their first two principal components, and not at random ones, so that groups
/// lie on the map as they lie in space as far as neighbours let them (D. Kobak, G. C. Linderman,
/// "Initialization is critical for preserving global data structure in both t-SNE and UMAP", Nat.
/// Biotechnol. 39 (2021) 156). One thread, so that the same points and seed give the same map.
/// Neighbours are found by comparing each point with each: meant for up to some 10,000 points.
public final class Umap {
  /// Largest coordinate at the start.
  private static final double START = 10;

  private static final double NOISE = 1e-4;

  /// Largest move of a coordinate in one go, in learning rates.
  private static final double CLIP = 4;

  private final double a;
  private final double b;
  private final int negatives;
  private final SplittableRandom random;
  private final double[] place;

  private Umap(double[] place, UmapOptions options, SplittableRandom random) {
    double[] curve = curve(options.minDist());
    this.a = curve[0];
    this.b = curve[1];
    this.negatives = options.negatives();
    this.random = random;
    this.place = place;
  }

  /// Draws a map.
  ///
  /// @param points (points, dimensions), at least 3
  /// @return (points, 2)
  public static float[][] embed(float[][] points, UmapOptions options, long seed) {
    int dimensions = Points.dimensions(points);
    int n = points.length;
    if (n < 3) {
      throw new IllegalArgumentException("a map of " + n + " points");
    }
    int components = Math.min(options.dimensions(), Math.min(dimensions, n - 1));
    float[][] reduced = Pca.fit(points, components).project(points);
    SplittableRandom random = new SplittableRandom(seed);
    Umap umap = new Umap(start(reduced, random), options, random);
    int neighbours = Math.min(options.neighbours(), n - 1);
    umap.move(FuzzyGraph.of(Neighbours.of(reduced, neighbours)), options.epochs());
    float[][] map = new float[n][2];
    for (int i = 0; i < n; i++) {
      map[i][0] = (float) umap.place[2 * i];
      map[i][1] = (float) umap.place[2 * i + 1];
    }
    return map;
  }

  // A little noise parts points that are the same.
  private static double[] start(float[][] reduced, SplittableRandom random) {
    double largest = 0;
    int shown = Math.min(2, reduced[0].length);
    for (float[] point : reduced) {
      for (int k = 0; k < shown; k++) {
        largest = Math.max(largest, Math.abs(point[k]));
      }
    }
    double scale = largest == 0 ? 0 : START / largest;
    double[] place = new double[2 * reduced.length];
    for (int i = 0; i < reduced.length; i++) {
      for (int k = 0; k < 2; k++) {
        double at = k < shown ? scale * reduced[i][k] : 0;
        place[2 * i + k] = at + NOISE * random.nextGaussian();
      }
    }
    return place;
  }

  // An edge is drawn as often as its weight tells, as in umap-learn: the heaviest in every epoch.
  private void move(FuzzyGraph graph, int epochs) {
    int edges = graph.weight().length;
    double heaviest = 0;
    for (double weight : graph.weight()) {
      heaviest = Math.max(heaviest, weight);
    }
    double[] period = new double[edges];
    double[] next = new double[edges];
    for (int e = 0; e < edges; e++) {
      period[e] = heaviest / graph.weight()[e];
      next[e] = period[e];
    }
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double rate = 1 - (epoch - 1.0) / epochs;
      for (int e = 0; e < edges; e++) {
        if (next[e] <= epoch) {
          next[e] += period[e];
          int from = graph.from()[e];
          int to = graph.to()[e];
          attract(from, to, rate);
          repel(from, rate);
          attract(to, from, rate);
          repel(to, rate);
        }
      }
    }
  }

  private void attract(int i, int j, double rate) {
    double dx = place[2 * i] - place[2 * j];
    double dy = place[2 * i + 1] - place[2 * j + 1];
    double square = dx * dx + dy * dy;
    if (square == 0) {
      return;
    }
    double power = Math.pow(square, b);
    double pull = -2 * a * b * power / square / (1 + a * power);
    double x = rate * clip(pull * dx);
    double y = rate * clip(pull * dy);
    place[2 * i] += x;
    place[2 * i + 1] += y;
    place[2 * j] -= x;
    place[2 * j + 1] -= y;
  }

  private void repel(int i, double rate) {
    int n = place.length / 2;
    for (int k = 0; k < negatives; k++) {
      int j = random.nextInt(n);
      if (j == i) {
        continue;
      }
      double dx = place[2 * i] - place[2 * j];
      double dy = place[2 * i + 1] - place[2 * j + 1];
      double square = dx * dx + dy * dy;
      double push = 2 * b / ((0.001 + square) * (1 + a * Math.pow(square, b)));
      place[2 * i] += rate * clip(push * dx);
      place[2 * i + 1] += rate * clip(push * dy);
    }
  }

  private static double clip(double value) {
    return Math.max(-CLIP, Math.min(CLIP, value));
  }

  /// Parameters a and b with which 1 / (1 + a x^(2b)) is nearest to how near points should be: 1 up
  /// to the least distance and then exp(minDist - x), at 300 distances up to 3 (section 4.2). By
  /// Levenberg and Marquardt.
  static double[] curve(double minDist) {
    double a = 1;
    double b = 1;
    double damping = 1e-3;
    double error = curveError(a, b, minDist);
    for (int i = 0; i < 200; i++) {
      double[] step = curveStep(a, b, minDist, damping);
      double nextError = curveError(a + step[0], b + step[1], minDist);
      if (nextError < error) {
        a += step[0];
        b += step[1];
        error = nextError;
        damping /= 3;
      } else {
        damping *= 4;
      }
    }
    return new double[] {a, b};
  }

  private static final int CURVE_POINTS = 300;

  private static double curveAt(int i) {
    return 3.0 * i / (CURVE_POINTS - 1);
  }

  private static double wanted(double x, double minDist) {
    return x < minDist ? 1 : Math.exp(minDist - x);
  }

  private static double curveError(double a, double b, double minDist) {
    if (!(a > 0 && b > 0)) {
      return Double.POSITIVE_INFINITY;
    }
    double sum = 0;
    for (int i = 0; i < CURVE_POINTS; i++) {
      double x = curveAt(i);
      double difference = 1 / (1 + a * Math.pow(x, 2 * b)) - wanted(x, minDist);
      sum += difference * difference;
    }
    return sum;
  }

  private static double[] curveStep(double a, double b, double minDist, double damping) {
    double aa = 0;
    double bb = 0;
    double ab = 0;
    double ra = 0;
    double rb = 0;
    // At distance 0 the curve is 1 whatever the parameters.
    for (int i = 1; i < CURVE_POINTS; i++) {
      double x = curveAt(i);
      double power = Math.pow(x, 2 * b);
      double value = 1 / (1 + a * power);
      double byA = -value * value * power;
      double byB = -value * value * a * power * 2 * Math.log(x);
      double residual = wanted(x, minDist) - value;
      aa += byA * byA;
      bb += byB * byB;
      ab += byA * byB;
      ra += byA * residual;
      rb += byB * residual;
    }
    aa *= 1 + damping;
    bb *= 1 + damping;
    double determinant = aa * bb - ab * ab;
    return new double[] {(ra * bb - rb * ab) / determinant, (rb * aa - ra * ab) / determinant};
  }
}
