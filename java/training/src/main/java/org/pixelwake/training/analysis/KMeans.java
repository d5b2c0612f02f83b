package org.pixelwake.training.analysis;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Groups of points that lie near each other: k-means by S. P. Lloyd (IEEE Trans. Inf. Theory 28
/// (1982) 129), started by k-means++ (D. Arthur, S. Vassilvitskii, SODA 2007).
///
/// @param group of each point
/// @param sizes number of points of each group, largest group first
/// @param centres mean of each group, (groups, dimensions)
/// @param exemplars the point of each group that is nearest to its centre: a track to show for it
/// @param inertia sum of the squared distances of the points from the centres of their groups
public record KMeans(int[] group, int[] sizes, float[][] centres, int[] exemplars, double inertia) {
  private static final int STARTS = 5;
  private static final int MOST_ROUNDS = 300;

  /// The best of five starts. The same points and seed give the same groups.
  ///
  /// @param points (points, dimensions)
  /// @param groups how many groups, at most as many as points that differ
  public static KMeans fit(float[][] points, int groups, long seed) {
    int dimensions = Points.dimensions(points);
    if (groups < 1 || groups > points.length) {
      throw new IllegalArgumentException(groups + " groups of " + points.length + " points");
    }
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, STARTS)
        .mapToObj(start -> new Run(points, starts(points, groups, random), dimensions))
        .map(Run::settle)
        .min(Comparator.comparingDouble(run -> run.inertia))
        .orElseThrow()
        .result();
  }

  // Each start is drawn with a probability that grows as the squared distance from those before.
  private static double[][] starts(float[][] points, int groups, SplittableRandom random) {
    double[][] centres = new double[groups][];
    double[] nearest = new double[points.length];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    int chosen = random.nextInt(points.length);
    for (int g = 0; g < groups; g++) {
      centres[g] = new double[points[chosen].length];
      for (int k = 0; k < centres[g].length; k++) {
        centres[g][k] = points[chosen][k];
      }
      double sum = 0;
      for (int i = 0; i < points.length; i++) {
        nearest[i] = Math.min(nearest[i], Points.squaredDistance(points[i], points[chosen]));
        sum += nearest[i];
      }
      if (g + 1 < groups) {
        if (sum == 0) {
          throw new IllegalArgumentException(
              groups + " groups of " + (g + 1) + " points that differ");
        }
        chosen = draw(nearest, random.nextDouble() * sum);
      }
    }
    return centres;
  }

  private static int draw(double[] weights, double at) {
    double below = 0;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        below += weights[i];
        if (below > at) {
          return i;
        }
      }
    }
    return last;
  }

  /// One start and where it settles.
  private static final class Run {
    private final float[][] points;
    private final double[][] centres;
    private final int dimensions;
    private final int[] group;
    private final double[] distance;
    private final int[] counts;
    private double inertia;

    Run(float[][] points, double[][] centres, int dimensions) {
      this.points = points;
      this.centres = centres;
      this.dimensions = dimensions;
      this.group = new int[points.length];
      this.distance = new double[points.length];
      this.counts = new int[centres.length];
      Arrays.fill(group, -1);
    }

    Run settle() {
      for (int round = 0; round < MOST_ROUNDS && assign(); round++) {
        fillEmpty();
        move();
      }
      return this;
    }

    // Whether any point changed its group.
    private boolean assign() {
      boolean changed = false;
      inertia = 0;
      Arrays.fill(counts, 0);
      for (int i = 0; i < points.length; i++) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int g = 0; g < centres.length; g++) {
          double d = squaredDistance(points[i], centres[g]);
          if (d < least) {
            least = d;
            best = g;
          }
        }
        changed |= group[i] != best;
        group[i] = best;
        distance[i] = least;
        counts[best]++;
        inertia += least;
      }
      return changed;
    }

    // A group that lost all its points takes the point that is farthest from its own centre.
    private void fillEmpty() {
      for (int g = 0; g < counts.length; g++) {
        if (counts[g] == 0) {
          int farthest = -1;
          for (int i = 0; i < points.length; i++) {
            if (counts[group[i]] > 1 && (farthest < 0 || distance[i] > distance[farthest])) {
              farthest = i;
            }
          }
          counts[group[farthest]]--;
          group[farthest] = g;
          distance[farthest] = 0;
          counts[g] = 1;
        }
      }
    }

    private void move() {
      for (double[] centre : centres) {
        Arrays.fill(centre, 0);
      }
      for (int i = 0; i < points.length; i++) {
        for (int k = 0; k < dimensions; k++) {
          centres[group[i]][k] += points[i][k];
        }
      }
      for (int g = 0; g < centres.length; g++) {
        for (int k = 0; k < dimensions; k++) {
          centres[g][k] /= counts[g];
        }
      }
    }

    private static double squaredDistance(float[] point, double[] centre) {
      double sum = 0;
      for (int k = 0; k < centre.length; k++) {
        double d = point[k] - centre[k];
        sum += d * d;
      }
      return sum;
    }

    KMeans result() {
      int groups = centres.length;
      Integer[] order = new Integer[groups];
      Arrays.setAll(order, g -> g);
      Arrays.sort(order, (a, b) -> Integer.compare(counts[b], counts[a]));
      int[] place = new int[groups];
      int[] sizes = new int[groups];
      float[][] means = new float[groups][dimensions];
      for (int g = 0; g < groups; g++) {
        place[order[g]] = g;
        sizes[g] = counts[order[g]];
        for (int k = 0; k < dimensions; k++) {
          means[g][k] = (float) centres[order[g]][k];
        }
      }
      int[] exemplars = new int[groups];
      Arrays.fill(exemplars, -1);
      int[] renamed = new int[points.length];
      for (int i = 0; i < points.length; i++) {
        int g = place[group[i]];
        renamed[i] = g;
        if (exemplars[g] < 0 || distance[i] < distance[exemplars[g]]) {
          exemplars[g] = i;
        }
      }
      return new KMeans(renamed, sizes, means, exemplars, inertia);
    }
  }
}
