package org.pixelwake.training.benchmark;

import java.util.HashMap;
import java.util.Map;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.RunConfig;

/// A network over hits in plain loops and double precision, cluster by cluster, with kernels of
/// nobody: the truth that a benchmark's embeddings are held against.
final class PlainHits {
  private static final int FEATURES = 9;
  private static final double EPS = 1e-5;
  private static final double LARGEST_ERF = 6;

  private final ParameterStore store;
  private final RunConfig config;
  private final Map<String, float[]> weights = new HashMap<>();

  PlainHits(ParameterStore store, RunConfig config) {
    this.store = store;
    this.config = config;
  }

  private float[] weights(String name) {
    return weights.computeIfAbsent(name, key -> store.get(Slab.PARAMETERS, key));
  }

  /// Returns the embedding of a row: mean, sum / 10 and maximum of the last channels.
  double[] embed(ClusterTable table, int row) {
    int hits = table.size(row);
    double[][] h = linear("features.0", describe(table, row));
    int[][] neighbours = neighbours(table, row);
    int block = 1;
    for (; store.layout().contains("features." + block + ".around.weight"); block++) {
      String prefix = "features." + block + ".";
      double[][] a = gelu(around(prefix + "around", norm(prefix + "norm", h), neighbours));
      double[][] context = linear(prefix + "context", new double[][] {means(a)});
      double[][] sum = new double[hits][];
      for (int i = 0; i < hits; i++) {
        sum[i] = plus(a[i], context[0]);
      }
      double[][] projected = linear(prefix + "project", sum);
      for (int i = 0; i < hits; i++) {
        h[i] = plus(h[i], projected[i]);
      }
    }
    String last = "features." + block + ".";
    return pool(gelu(linear(last + "top", norm(last + "norm", h))));
  }

  private double[][] describe(ClusterTable table, int row) {
    int start = table.start(row);
    int hits = table.size(row);
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < hits; i++) {
      meanX += (double) table.x()[start + i] / hits;
      meanY += (double) table.y()[start + i] / hits;
    }
    double[][] rows = new double[hits][];
    for (int i = 0; i < hits; i++) {
      double x = table.x()[start + i] - meanX;
      double y = table.y()[start + i] - meanY;
      double e = Math.max(0, table.energy()[start + i]);
      boolean timed = config.toaScale > 0;
      double t = timed ? Math.max(0, table.toa()[start + i]) : 0;
      rows[i] =
          new double[] {
            Math.sqrt(e / config.energyScale),
            Math.log(Math.max(e, 1) / 40) / 1.2,
            e / config.energyScale,
            timed ? Math.sqrt(t / config.toaScale) : 0,
            Math.log1p(t / 10) / 3,
            timed ? t / config.toaScale : 0,
            x / 8,
            y / 8,
            Math.hypot(x, y) / 8
          };
    }
    return rows;
  }

  private static int[][] neighbours(ClusterTable table, int row) {
    int start = table.start(row);
    int hits = table.size(row);
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < hits; i++) {
      places.put(pixel(table.x()[start + i], table.y()[start + i]), i);
    }
    int[][] of = new int[hits][FEATURES];
    for (int i = 0; i < hits; i++) {
      for (int k = 0; k < FEATURES; k++) {
        int x = table.x()[start + i] + k % 3 - 1;
        int y = table.y()[start + i] + k / 3 - 1;
        of[i][k] = places.getOrDefault(pixel(x, y), -1);
      }
    }
    return of;
  }

  private static int pixel(int x, int y) {
    return y << 16 ^ x & 0xffff;
  }

  private double[][] norm(String name, double[][] x) {
    float[] gamma = weights(name + ".weight");
    float[] beta = weights(name + ".bias");
    double[][] y = new double[x.length][gamma.length];
    for (int i = 0; i < x.length; i++) {
      double mean = 0;
      double squares = 0;
      for (double value : x[i]) {
        mean += value / gamma.length;
      }
      for (double value : x[i]) {
        squares += (value - mean) * (value - mean) / gamma.length;
      }
      for (int c = 0; c < gamma.length; c++) {
        y[i][c] = (x[i][c] - mean) / Math.sqrt(squares + EPS) * gamma[c] + beta[c];
      }
    }
    return y;
  }

  private double[][] linear(String name, double[][] x) {
    int[][] own = new int[x.length][];
    for (int i = 0; i < x.length; i++) {
      own[i] = new int[] {i};
    }
    return around(name, x, own);
  }

  // Places of neighbours as the weight (out, in, places) has them; -1 where there is none.
  private double[][] around(String name, double[][] x, int[][] neighbours) {
    float[] weight = weights(name + ".weight");
    float[] bias = weights(name + ".bias");
    int in = x[0].length;
    int places = neighbours[0].length;
    double[][] y = new double[neighbours.length][bias.length];
    for (int i = 0; i < neighbours.length; i++) {
      for (int o = 0; o < bias.length; o++) {
        double sum = bias[o];
        for (int k = 0; k < places; k++) {
          int from = neighbours[i][k];
          for (int c = 0; from >= 0 && c < in; c++) {
            sum += weight[(o * in + c) * places + k] * x[from][c];
          }
        }
        y[i][o] = sum;
      }
    }
    return y;
  }

  private static double[][] gelu(double[][] x) {
    double[][] y = new double[x.length][x[0].length];
    for (int i = 0; i < x.length; i++) {
      for (int c = 0; c < x[i].length; c++) {
        y[i][c] = x[i][c] * 0.5 * (1 + erf(x[i][c] / Math.sqrt(2)));
      }
    }
    return y;
  }

  // Series of Abramowitz & Stegun 7.1.6.
  private static double erf(double x) {
    if (Math.abs(x) > LARGEST_ERF) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static double[] means(double[][] x) {
    double[] mean = new double[x[0].length];
    for (double[] row : x) {
      for (int c = 0; c < mean.length; c++) {
        mean[c] += row[c] / x.length;
      }
    }
    return mean;
  }

  private static double[] pool(double[][] x) {
    double[] mean = means(x);
    int c = mean.length;
    double[] pooled = new double[3 * c];
    for (int k = 0; k < c; k++) {
      pooled[k] = mean[k];
      pooled[c + k] = mean[k] * x.length / 10;
      pooled[2 * c + k] = Double.NEGATIVE_INFINITY;
      for (double[] row : x) {
        pooled[2 * c + k] = Math.max(pooled[2 * c + k], row[k]);
      }
    }
    return pooled;
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int c = 0; c < a.length; c++) {
      sum[c] = a[c] + b[c];
    }
    return sum;
  }
}
