package org.pixelwake.engine;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Rasterize;

/// Networks over hits, a hit at a time.
final class ReferenceHits implements FamilyReference {
  private static final float EPS = 1e-5f;

  ReferenceHits() {}

  @Override
  public Set<String> names() {
    return Set.of("hits");
  }

  /// `hits FUNCTION nX cC [oO] [options]`: clusters of none, one and up to forty hits, with `large`
  /// one of some hundred. Functions and their options: `neighbours` and `features` with `[augment]
  /// [turned=T] [toa=T]`, `norm_forward`, `norm_backward [addend] [addend_in_place] [no_dgamma]
  /// [no_dbeta]`, `pool_forward [all]`, `pool_backward [all] [addend] [addend_in_place]`, and those
  /// of [ReferenceHitsProduct].
  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    Clusters clusters = new Clusters(spec, draw);
    if (spec.function().startsWith("product")) {
      return ReferenceHitsProduct.operation(spec, draw, clusters, aliases);
    }
    int hits = clusters.hits;
    return switch (spec.function()) {
      case "neighbours" ->
          new Hits.Neighbours(
              attributes(spec),
              draw.stepTensor(draw.step(0.1f)),
              clusters.given(),
              new Hits.Rows(
                  clusters.offsets,
                  draw.output("neighbours", hits, Hits.NEIGHBOURS),
                  draw.output("cluster", hits)));
      case "features" ->
          new Hits.Features(
              attributes(spec),
              draw.stepTensor(draw.step(0.1f)),
              clusters.given(),
              draw.output("features", hits, Hits.FEATURES));
      default -> layer(spec, draw, clusters, aliases);
    };
  }

  private static Hits.Attributes attributes(Spec spec) {
    return new Hits.Attributes(
        spec.has("augment"), Math.round(spec.real("turned", 0)), 100, spec.real("toa", 0));
  }

  private static Operation layer(
      Spec spec, Draw draw, Clusters clusters, Map<Tensor, Tensor> aliases) {
    int hits = clusters.hits;
    int c = spec.number("c");
    Tensor x = draw.vector("x", 0.3, 1.5, hits, c);
    Hits.Rows rows = clusters.rows(draw);
    return switch (spec.function()) {
      case "norm_forward" ->
          new Hits.NormForward(
              rows,
              EPS,
              x,
              draw.vector("gamma", 1, 0.3, c),
              draw.vector("beta", 0, 0.5, c),
              draw.output("y", hits, c),
              draw.output("moments", hits, 2));
      case "norm_backward" -> {
        Tensor dx = draw.output("dx", hits, c);
        yield new Hits.NormBackward(
            rows,
            EPS,
            x,
            draw.vector("gamma", 1, 0.3, c),
            moments(draw, x, hits, c),
            draw.vector("dy", 0, 1, hits, c),
            addend(spec, draw, dx, aliases),
            dx,
            spec.has("no_dgamma") ? null : draw.output("dgamma", c),
            spec.has("no_dbeta") ? null : draw.output("dbeta", c));
      }
      case "pool_forward" -> {
        boolean all = spec.has("all");
        yield new Hits.PoolForward(
            rows,
            x,
            draw.output("pooled", clusters.n, all ? 3 * c : c),
            all ? draw.output("largest", clusters.n, c) : null);
      }
      case "pool_backward" -> {
        boolean all = spec.has("all");
        Tensor dx = draw.output("dx", hits, c);
        yield new Hits.PoolBackward(
            rows,
            x,
            all ? largest(draw, x, clusters, c) : null,
            draw.vector("dpooled", 0, 1, clusters.n, all ? 3 * c : c),
            addend(spec, draw, dx, aliases),
            dx);
      }
      default -> throw spec.unknown();
    };
  }

  /// Draws a tensor that is added to the gradient dx; null where the case has none.
  static Tensor addend(Spec spec, Draw draw, Tensor dx, Map<Tensor, Tensor> aliases) {
    boolean inPlace = spec.has("addend_in_place");
    if (!spec.has("addend") && !inPlace) {
      return null;
    }
    Tensor addend = draw.vector("addend", 0, 1, dx.shape());
    if (inPlace) {
      aliases.put(dx, addend);
    }
    return addend;
  }

  private static Tensor moments(Draw draw, Tensor x, int hits, int c) {
    double[] values = draw.values().get(x);
    double[] moments = new double[2 * hits];
    for (int r = 0; r < hits; r++) {
      moment(values, r, c, moments);
    }
    Tensor tensor = new Tensor("moments", Tensor.Role.INPUT, Storage.F32, hits, 2);
    draw.values().putRounded(tensor, moments);
    return tensor;
  }

  private static Tensor largest(Draw draw, Tensor x, Clusters clusters, int c) {
    int[] rows = new int[clusters.n * c];
    double[] values = draw.values().get(x);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = clusters.largest(values, i / c, c, i % c);
    }
    Tensor tensor = new Tensor("largest", Tensor.Role.INPUT, Storage.F32, clusters.n, c);
    draw.values().put(tensor, rows);
    return tensor;
  }

  // Mean and 1 / deviation of a row.
  private static void moment(double[] x, int row, int c, double[] moments) {
    double[] channels = Arrays.copyOfRange(x, row * c, (row + 1) * c);
    double mean = Arrays.stream(channels).average().orElseThrow();
    double variance =
        Arrays.stream(channels).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    moments[2 * row] = mean;
    moments[2 * row + 1] = 1 / Math.sqrt(variance + EPS);
  }

  /// The clusters of a case: hits in different pixels, ordered by y and x.
  static final class Clusters {
    final int n;
    final int hits;
    final Tensor offsets;
    private final int[] starts;
    private final Tensor x;
    private final Tensor y;
    private final Tensor energy;
    private final Tensor toa;
    private final Tensor ids;

    Clusters(Spec spec, Draw draw) {
      n = spec.number("n");
      boolean large = spec.has("large");
      Random random = draw.random();
      starts = new int[n + 1];
      for (int i = 0; i < n; i++) {
        // The first is a single hit.
        int most = i == 0 ? 1 : i % 3 == 0 ? 3 : 40;
        int size = i % 5 == 1 ? 0 : 1 + random.nextInt(most);
        starts[i + 1] = starts[i] + (large && i == n / 2 ? 700 : size);
      }
      hits = starts[n];
      short[] xs = new short[hits];
      short[] ys = new short[hits];
      long[] numbers = new long[n];
      for (int i = 0; i < n; i++) {
        numbers[i] = random.nextLong();
        int size = starts[i + 1] - starts[i];
        int side = 1 + (int) Math.ceil(Math.sqrt(1.8 * size));
        int cornerX = random.nextInt(200);
        int cornerY = random.nextInt(200);
        int[] pixels = random.ints(0, side * side).distinct().limit(size).sorted().toArray();
        for (int j = 0; j < size; j++) {
          xs[starts[i] + j] = (short) (cornerX + pixels[j] % side);
          ys[starts[i] + j] = (short) (cornerY + pixels[j] / side);
        }
      }
      offsets = draw.raw("offsets", 4 * (n + 1), starts);
      x = draw.raw("x", 2 * hits, xs);
      y = draw.raw("y", 2 * hits, ys);
      energy = draw.uniform("energy", 0.2, 300, hits);
      toa = draw.uniform("toa", 0, 150, hits);
      ids = draw.raw("ids", 8 * n, numbers);
    }

    Rasterize.Hits given() {
      return new Rasterize.Hits(x, y, energy, toa, offsets, ids);
    }

    /// The rows with their neighbours in clusters that are not turned.
    Hits.Rows rows(Draw draw) {
      Tensor neighbours =
          new Tensor("neighbours", Tensor.Role.INPUT, Storage.F32, hits, Hits.NEIGHBOURS);
      Tensor cluster = new Tensor("cluster", Tensor.Role.INPUT, Storage.F32, hits);
      TensorValues v = draw.values();
      int[] around = new int[hits * Hits.NEIGHBOURS];
      int[] of = new int[hits];
      for (int i = 0; i < n; i++) {
        neighbours(v.shorts(x), v.shorts(y), starts[i], starts[i + 1], 0, around);
        Arrays.fill(of, starts[i], starts[i + 1], i);
      }
      v.put(neighbours, around);
      v.put(cluster, of);
      return new Hits.Rows(offsets, neighbours, cluster);
    }

    private int largest(double[] values, int cluster, int c, int channel) {
      int best = -1;
      for (int r = starts[cluster]; r < starts[cluster + 1]; r++) {
        if (best < 0 || gelu(values[r * c + channel]) > gelu(values[best * c + channel])) {
          best = r;
        }
      }
      return best;
    }
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Hits.Neighbours op -> neighbours(op, v);
      case Hits.Features op -> features(op, v);
      case Hits.NormForward op -> normForward(op, v);
      case Hits.NormBackward op -> normBackward(op, v);
      case Hits.PoolForward op -> poolForward(op, v);
      case Hits.PoolBackward op -> poolBackward(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  private static int turn(Hits.Attributes a, StepState step, long id) {
    if (!a.augment()) {
      return a.symmetry();
    }
    int[] words = new int[4];
    Philox.block(
        (int) id,
        (int) (id >>> 32),
        (int) step.index(),
        -1,
        (int) step.seed(),
        (int) (step.seed() >>> 32),
        words,
        0);
    return words[0] & 7;
  }

  // (x, y) after the turns of an image, in which x counts columns and y rows.
  private static double[] turned(int turn, double x, double y) {
    for (int quarter = turn & 3; quarter > 0; quarter--) {
      double before = x;
      x = -y;
      y = before;
    }
    return new double[] {(turn & 4) != 0 ? -x : x, y};
  }

  private static void neighbours(
      short[] x, short[] y, int first, int end, int turn, int[] neighbours) {
    for (int r = first; r < end; r++) {
      Arrays.fill(neighbours, 9 * r, 9 * r + 9, -1);
      for (int other = first; other < end; other++) {
        int dx = x[other] - x[r];
        int dy = y[other] - y[r];
        if (Math.abs(dx) <= 1 && Math.abs(dy) <= 1) {
          double[] place = turned(turn, dx, dy);
          neighbours[9 * r + 3 * ((int) place[1] + 1) + (int) place[0] + 1] = other;
        }
      }
    }
  }

  private static void neighbours(Hits.Neighbours op, TensorValues v) {
    int[] offsets = v.ints(op.hits().offsets());
    int[] neighbours = new int[9 * op.rows().capacity()];
    int[] cluster = new int[op.rows().capacity()];
    for (int i = 0; i + 1 < offsets.length; i++) {
      int turn = turn(op.attributes(), v.step(op.step()), v.longs(op.hits().ids())[i]);
      neighbours(
          v.shorts(op.hits().x()),
          v.shorts(op.hits().y()),
          offsets[i],
          offsets[i + 1],
          turn,
          neighbours);
      Arrays.fill(cluster, offsets[i], offsets[i + 1], i);
    }
    v.put(op.rows().neighbours(), neighbours);
    v.put(op.rows().cluster(), cluster);
  }

  private static void features(Hits.Features op, TensorValues v) {
    int[] offsets = v.ints(op.hits().offsets());
    short[] x = v.shorts(op.hits().x());
    short[] y = v.shorts(op.hits().y());
    double[] features = v.fresh(op.features());
    double scale = op.attributes().energyScale();
    double toaScale = op.attributes().toaScale();
    for (int i = 0; i + 1 < offsets.length; i++) {
      int turn = turn(op.attributes(), v.step(op.step()), v.longs(op.hits().ids())[i]);
      double meanX = 0;
      double meanY = 0;
      for (int r = offsets[i]; r < offsets[i + 1]; r++) {
        meanX += (double) x[r] / (offsets[i + 1] - offsets[i]);
        meanY += (double) y[r] / (offsets[i + 1] - offsets[i]);
      }
      for (int r = offsets[i]; r < offsets[i + 1]; r++) {
        double[] place = turned(turn, x[r] - meanX, y[r] - meanY);
        double e = v.get(op.hits().energy())[r];
        double t = v.get(op.hits().toa())[r];
        boolean timed = toaScale > 0;
        double[] all = {
          Math.sqrt(e / scale),
          Math.log(Math.max(e, 1) / 40) / 1.2,
          e / scale,
          timed ? Math.sqrt(t / toaScale) : 0,
          timed ? Math.log(1 + t / 10) / 3 : 0,
          timed ? t / toaScale : 0,
          place[0] / 8,
          place[1] / 8,
          Math.hypot(place[0], place[1]) / 8
        };
        System.arraycopy(all, 0, features, all.length * r, all.length);
      }
    }
  }

  private static void normForward(Hits.NormForward op, TensorValues v) {
    int c = op.x().dim(1);
    double[] x = v.get(op.x());
    double[] y = v.fresh(op.y());
    double[] moments = v.fresh(op.moments());
    for (int r = 0; r < op.x().dim(0); r++) {
      moment(x, r, c, moments);
      for (int i = 0; i < c; i++) {
        double xhat = (x[r * c + i] - moments[2 * r]) * moments[2 * r + 1];
        y[r * c + i] = xhat * v.get(op.gamma())[i] + v.get(op.beta())[i];
      }
    }
  }

  private static void normBackward(Hits.NormBackward op, TensorValues v) {
    int c = op.x().dim(1);
    double[] x = v.get(op.x());
    double[] dy = v.get(op.dy());
    double[] gamma = v.get(op.gamma());
    double[] moments = v.get(op.moments());
    double[] addend = op.addend() == null ? new double[dy.length] : v.get(op.addend()).clone();
    double[] dx = v.fresh(op.dx());
    double[] dgamma = op.dgamma() == null ? new double[c] : v.fresh(op.dgamma());
    double[] dbeta = op.dbeta() == null ? new double[c] : v.fresh(op.dbeta());
    for (int r = 0; r < op.x().dim(0); r++) {
      double rstd = moments[2 * r + 1];
      double mean = 0;
      double slope = 0;
      for (int i = 0; i < c; i++) {
        double xhat = (x[r * c + i] - moments[2 * r]) * rstd;
        double g = dy[r * c + i] * gamma[i];
        mean += g / c;
        slope += g * xhat / c;
        dgamma[i] += dy[r * c + i] * xhat;
        dbeta[i] += dy[r * c + i];
      }
      for (int i = 0; i < c; i++) {
        double xhat = (x[r * c + i] - moments[2 * r]) * rstd;
        double g = dy[r * c + i] * gamma[i];
        dx[r * c + i] = rstd * (g - mean - xhat * slope) + addend[r * c + i];
      }
    }
  }

  private static void poolForward(Hits.PoolForward op, TensorValues v) {
    int c = op.x().dim(1);
    int width = op.pooled().dim(1);
    int[] offsets = v.ints(op.rows().offsets());
    double[] x = v.get(op.x());
    double[] pooled = v.fresh(op.pooled());
    int[] largest = new int[op.rows().n() * c];
    Arrays.fill(largest, -1);
    for (int i = 0; i < op.rows().n(); i++) {
      for (int k = 0; k < c; k++) {
        double sum = 0;
        double maximum = 0;
        for (int r = offsets[i]; r < offsets[i + 1]; r++) {
          double u = gelu(x[r * c + k]);
          sum += u;
          if (largest[i * c + k] < 0 || u > maximum) {
            maximum = u;
            largest[i * c + k] = r;
          }
        }
        pooled[i * width + k] = sum / Math.max(1, offsets[i + 1] - offsets[i]);
        if (op.largest() != null) {
          pooled[i * width + c + k] = sum / 10;
          pooled[i * width + 2 * c + k] = maximum;
        }
      }
    }
    if (op.largest() != null) {
      v.put(op.largest(), largest);
    }
  }

  private static void poolBackward(Hits.PoolBackward op, TensorValues v) {
    int c = op.x().dim(1);
    int width = op.dpooled().dim(1);
    int[] offsets = v.ints(op.rows().offsets());
    double[] x = v.get(op.x());
    double[] dpooled = v.get(op.dpooled());
    double[] addend = op.addend() == null ? new double[x.length] : v.get(op.addend()).clone();
    double[] dx = v.fresh(op.dx());
    for (int i = 0; i < op.rows().n(); i++) {
      for (int r = offsets[i]; r < offsets[i + 1]; r++) {
        for (int k = 0; k < c; k++) {
          double du = dpooled[i * width + k] / (offsets[i + 1] - offsets[i]);
          if (op.largest() != null) {
            du += dpooled[i * width + c + k] / 10;
            du += v.ints(op.largest())[i * c + k] == r ? dpooled[i * width + 2 * c + k] : 0;
          }
          dx[r * c + k] = du * geluSlope(x[r * c + k]) + addend[r * c + k];
        }
      }
    }
  }

  /// x times the normal distribution of x.
  static double gelu(double x) {
    return x * normal(x);
  }

  static double geluSlope(double x) {
    return normal(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  // Marsaglia 2004, "Evaluating the normal distribution": a series that converges to the last digit
  // for the few deviations that are drawn here.
  private static double normal(double x) {
    double sum = x;
    double term = x;
    for (int i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }
}
