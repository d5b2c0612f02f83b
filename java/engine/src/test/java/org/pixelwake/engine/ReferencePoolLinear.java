package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.PoolLinear;

/// Global average pooling and linear layers.
final class ReferencePoolLinear implements FamilyReference {
  ReferencePoolLinear() {}

  @Override
  public Set<String> names() {
    return Set.of("pool_linear");
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    int n = spec.number("n");
    int c = spec.number("c");
    return switch (spec.function()) {
      case "sites" -> sites(spec, draw, n, c);
      case "pool_forward" -> {
        View x = draw.view(spec, "x", Transform.BN_SILU);
        yield new PoolLinear.PoolForward(
            x, draw.sites(spec, n, x.h(), x.w()), draw.output("embedding", n, c));
      }
      case "pool_backward" -> {
        View x = draw.view(spec, "x", Transform.BN_SILU);
        yield new PoolLinear.PoolBackward(
            x,
            draw.sites(spec, n, x.h(), x.w()),
            draw.vector("dembedding", 0, 1, n, c),
            draw.output("dz", spec.storage(), x.data().shape()),
            draw.output("sums", 2, c));
      }
      case "pool_spread" -> {
        View x = draw.view(spec, "x", Transform.NONE);
        yield new PoolLinear.PoolSpread(
            x,
            draw.sites(spec, n, x.h(), x.w()),
            draw.vector("dembedding", 0, 1, n, c),
            draw.output("dx", spec.storage(), x.data().shape()));
      }
      case "linear_forward" -> {
        int o = spec.number("o");
        yield new PoolLinear.LinearForward(
            draw.vector("x", 0, 1, n, c),
            draw.vector("weight", 0, 1 / Math.sqrt(c), o, c),
            draw.vector("bias", 0, 1, o),
            draw.output("y", n, o));
      }
      case "linear_backward" -> {
        int o = spec.number("o");
        yield new PoolLinear.LinearBackward(
            draw.vector("x", 0, 1, n, c),
            draw.vector("weight", 0, 1 / Math.sqrt(c), o, c),
            draw.vector("dy", 0, 1, n, o),
            spec.has("no_dx") ? null : draw.output("dx", n, c),
            draw.output("dweight", o, c),
            draw.output("dbias", o));
      }
      case "dropout_forward" ->
          new PoolLinear.DropoutForward(
              drop(spec),
              draw.stepTensor(draw.step(0.1f)),
              draw.vector("x", 0, 1, n, c),
              draw.output("y", n, c));
      case "dropout_backward" ->
          new PoolLinear.DropoutBackward(
              drop(spec),
              draw.stepTensor(draw.step(0.1f)),
              draw.vector("dy", 0, 1, n, c),
              draw.output("dx", n, c));
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case PoolLinear.Sites op -> sites(op, v);
      case PoolLinear.PoolForward op -> poolForward(op, v);
      case PoolLinear.PoolBackward op -> poolBackward(op, v);
      case PoolLinear.PoolSpread op -> poolSpread(op, v);
      case PoolLinear.LinearForward op -> linearForward(op, v);
      case PoolLinear.LinearBackward op -> linearBackward(op, v);
      case PoolLinear.DropoutForward op -> dropout(op.drop(), op.step(), op.x(), op.y(), v);
      case PoolLinear.DropoutBackward op -> dropout(op.drop(), op.step(), op.dy(), op.dx(), v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  // Images of few hits, some in one channel alone; the first image has none.
  private static Operation sites(Spec spec, Draw draw, int n, int c) {
    int h = spec.number("h");
    int w = spec.number("w");
    int[] next = {0};
    Tensor image =
        draw.input(
            "image",
            spec.storage(),
            () -> {
              boolean empty = next[0]++ < h * w * c || draw.random().nextInt(10) > 0;
              return empty ? 0 : draw.random().nextGaussian();
            },
            n,
            h,
            w,
            c);
    List<PoolLinear.SiteLevel> levels = new ArrayList<>();
    int first = spec.number("f", 0);
    for (int halvings = first; halvings < first + spec.number("l"); halvings++) {
      int rows = Math.ceilDiv(h, 1 << halvings);
      int columns = Math.ceilDiv(w, 1 << halvings);
      int[] shape = PoolLinear.siteShape(n, rows, columns);
      levels.add(new PoolLinear.SiteLevel(halvings, draw.output("sites " + halvings, shape)));
    }
    return new PoolLinear.Sites(image, levels);
  }

  // By the maximum of 2 x 2 sites, halving after halving.
  private static void sites(PoolLinear.Sites op, TensorValues v) {
    double[] image = v.get(op.image());
    int n = op.image().dim(0);
    int c = op.image().dim(3);
    for (PoolLinear.SiteLevel level : op.levels()) {
      int h = op.image().dim(1);
      int w = op.image().dim(2);
      double[] sites = new double[n * h * w];
      for (int i = 0; i < image.length; i++) {
        sites[i / c] = image[i] != 0 ? 1 : sites[i / c];
      }
      for (int halving = 0; halving < level.halvings(); halving++) {
        int rows = Math.ceilDiv(h, 2);
        int columns = Math.ceilDiv(w, 2);
        double[] coarser = new double[n * rows * columns];
        for (int i = 0; i < sites.length; i++) {
          int at = (i / w / h * rows + i / w % h / 2) * columns + i % w / 2;
          coarser[at] = Math.max(coarser[at], sites[i]);
        }
        sites = coarser;
        h = rows;
        w = columns;
      }
      double[] all = v.fresh(level.sites());
      for (int i = 0; i < sites.length; i++) {
        all[i] = sites[i];
        all[sites.length + i / (h * w)] += sites[i];
      }
    }
  }

  private static PoolLinear.Drop drop(Spec spec) {
    return new PoolLinear.Drop(spec.number("l", 0), spec.real("p", 0), spec.number("f", 0));
  }

  static void poolForward(PoolLinear.PoolForward op, TensorValues v) {
    double[] a = ReferenceBatchNorm.transformed(op.x(), v);
    double[] embedding = v.fresh(op.embedding());
    int c = op.x().c();
    int pixels = op.x().h() * op.x().w();
    SiteValues sites = SiteValues.of(op.sites(), op.x().n(), pixels, v);
    for (int i = 0; i < a.length; i++) {
      embedding[i / (pixels * c) * c + i % c] += a[i] * sites.share(i / c);
    }
  }

  private static void poolSpread(PoolLinear.PoolSpread op, TensorValues v) {
    double[] dembedding = v.get(op.dembedding());
    double[] dx = v.fresh(op.dx());
    int c = op.x().c();
    int pixels = op.x().h() * op.x().w();
    SiteValues sites = SiteValues.of(op.sites(), op.x().n(), pixels, v);
    for (int i = 0; i < dx.length; i++) {
      dx[i] = dembedding[i / (pixels * c) * c + i % c] * sites.share(i / c);
    }
  }

  static void poolBackward(PoolLinear.PoolBackward op, TensorValues v) {
    double[] raw = v.get(op.x().data());
    double[] dembedding = v.get(op.dembedding());
    ReferenceBatchNorm.Vectors bn = ReferenceBatchNorm.Vectors.of(op.x().bn(), v);
    double[] dz = v.fresh(op.dz());
    double[] sums = v.fresh(op.sums());
    int c = op.x().c();
    int pixels = op.x().h() * op.x().w();
    SiteValues sites = SiteValues.of(op.sites(), op.x().n(), pixels, v);
    for (int i = 0; i < dz.length; i++) {
      int channel = i % c;
      double da = dembedding[i / (pixels * c) * c + channel] * sites.share(i / c);
      dz[i] = da * Reference.siluSlope(bn.z(raw[i], channel));
      sums[channel] += dz[i];
      sums[c + channel] += dz[i] * bn.xhat(raw[i], channel);
    }
  }

  static void linearForward(PoolLinear.LinearForward op, TensorValues v) {
    int n = op.x().dim(0);
    int in = op.weight().dim(1);
    int out = op.weight().dim(0);
    double[] x = v.get(op.x());
    double[] weight = v.get(op.weight());
    double[] bias = v.get(op.bias());
    double[] y = v.fresh(op.y());
    for (int image = 0; image < n; image++) {
      for (int o = 0; o < out; o++) {
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += x[image * in + i] * weight[o * in + i];
        }
        y[image * out + o] = sum;
      }
    }
  }

  static void linearBackward(PoolLinear.LinearBackward op, TensorValues v) {
    int n = op.x().dim(0);
    int in = op.weight().dim(1);
    int out = op.weight().dim(0);
    double[] x = v.get(op.x());
    double[] weight = v.get(op.weight());
    double[] dy = v.get(op.dy());
    double[] dx = op.dx() == null ? new double[n * in] : v.fresh(op.dx());
    double[] dweight = v.fresh(op.dweight());
    double[] dbias = v.fresh(op.dbias());
    for (int image = 0; image < n; image++) {
      for (int o = 0; o < out; o++) {
        double d = dy[image * out + o];
        dbias[o] += d;
        for (int i = 0; i < in; i++) {
          dx[image * in + i] += d * weight[o * in + i];
          dweight[o * in + i] += d * x[image * in + i];
        }
      }
    }
  }

  static void dropout(PoolLinear.Drop drop, Tensor state, Tensor x, Tensor y, TensorValues v) {
    StepState step = v.step(state);
    double[] from = v.get(x);
    double[] to = v.fresh(y);
    int c = x.dim(1);
    int[] words = new int[4];
    for (int i = 0; i < to.length; i++) {
      int channel = i % c;
      Philox.block(
          drop.first() + i / c,
          channel / 4,
          (int) step.index(),
          Integer.MIN_VALUE + drop.layer(),
          (int) step.seed(),
          (int) (step.seed() >>> 32),
          words,
          0);
      double u = Integer.toUnsignedLong(words[channel % 4]) * 0x1p-32;
      to[i] = u < drop.probability() ? 0 : from[i] / (1 - (double) drop.probability());
    }
  }
}
