package org.pixelwake.engine;

import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.SqueezeExcite;

/// Squeeze-excite.
final class ReferenceSqueezeExcite implements FamilyReference {
  ReferenceSqueezeExcite() {}

  @Override
  public Set<String> names() {
    return Set.of("squeeze_excite");
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    int n = spec.number("n");
    int c = spec.number("c");
    int s = spec.number("s");
    View x = draw.view(spec, "x", Transform.BN_SILU);
    Tensor sites = draw.sites(spec, n, x.h(), x.w());
    Tensor w1 = draw.vector("w1", 0, 1 / Math.sqrt(c), s, c, 1, 1);
    Tensor w2 = draw.vector("w2", 0, 1 / Math.sqrt(s), c, s, 1, 1);
    return switch (spec.function()) {
      case "forward" ->
          new SqueezeExcite.Forward(
              x,
              sites,
              w1,
              draw.vector("b1", 0, 0.5, s),
              w2,
              draw.vector("b2", 0, 0.5, c),
              draw.output("pooled", 3, n, c),
              draw.output("hidden", n, s),
              draw.output("gate", n, c));
      case "backward" ->
          new SqueezeExcite.Backward(
              x,
              sites,
              w1,
              w2,
              draw.vector("pooled", 0, 1, 3, n, c),
              draw.vector("hidden", 0, 1, n, s),
              draw.uniform("gate", 0.05, 0.95, n, c),
              draw.vector("gate_sums", 0, 3, 3, n, c),
              draw.output("dw1", s, c, 1, 1),
              draw.output("db1", s),
              draw.output("dw2", c, s, 1, 1),
              draw.output("db2", c),
              draw.output("dpool", n, c),
              draw.output("sums", 2, c));
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case SqueezeExcite.Forward op -> forward(op, v);
      case SqueezeExcite.Backward op -> backward(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  static void forward(SqueezeExcite.Forward op, TensorValues v) {
    View x = op.x();
    int n = x.n();
    int c = x.c();
    int squeeze = op.w1().dim(0);
    double[] pooled = v.fresh(op.pooled());
    pool(x, SiteValues.of(op.sites(), n, x.h() * x.w(), v), v, pooled);
    double[] w1 = v.get(op.w1());
    double[] b1 = v.get(op.b1());
    double[] w2 = v.get(op.w2());
    double[] b2 = v.get(op.b2());
    double[] hidden = v.fresh(op.hidden());
    double[] gate = v.fresh(op.gate());
    for (int image = 0; image < n; image++) {
      for (int s = 0; s < squeeze; s++) {
        double sum = b1[s];
        for (int i = 0; i < c; i++) {
          sum += w1[s * c + i] * pooled[image * c + i];
        }
        hidden[image * squeeze + s] = sum;
      }
      for (int i = 0; i < c; i++) {
        double sum = b2[i];
        for (int s = 0; s < squeeze; s++) {
          sum += w2[i * squeeze + s] * Reference.silu(hidden[image * squeeze + s]);
        }
        gate[image * c + i] = Reference.sigmoid(sum);
      }
    }
  }

  private static void pool(View x, SiteValues sites, TensorValues v, double[] pooled) {
    double[] raw = v.get(x.data());
    ReferenceBatchNorm.Vectors bn = ReferenceBatchNorm.Vectors.of(x.bn(), v);
    int c = x.c();
    int pixels = x.h() * x.w();
    int row = x.n() * c;
    for (int i = 0; i < raw.length; i++) {
      if (!sites.active()[i / c]) {
        continue;
      }
      int channel = i % c;
      int at = i / (pixels * c) * c + channel;
      double z = bn.z(raw[i], channel);
      double slope = Reference.siluSlope(z);
      pooled[at] += Reference.silu(z) * sites.share(i / c);
      pooled[row + at] += slope;
      pooled[2 * row + at] += slope * bn.xhat(raw[i], channel);
    }
  }

  static void backward(SqueezeExcite.Backward op, TensorValues v) {
    int n = op.x().n();
    int c = op.x().c();
    int squeeze = op.w1().dim(0);
    double[] w1 = v.get(op.w1());
    double[] w2 = v.get(op.w2());
    double[] pooled = v.get(op.pooled());
    double[] hidden = v.get(op.hidden());
    double[] gate = v.get(op.gate());
    double[] gateSums = v.get(op.gateSums());
    double[] dw1 = v.fresh(op.dw1());
    double[] db1 = v.fresh(op.db1());
    double[] dw2 = v.fresh(op.dw2());
    double[] db2 = v.fresh(op.db2());
    double[] dpool = v.fresh(op.dpool());
    double[] sums = v.fresh(op.sums());
    int row = n * c;
    SiteValues sites = SiteValues.of(op.sites(), n, op.x().h() * op.x().w(), v);
    for (int image = 0; image < n; image++) {
      double[] dhidden = new double[squeeze];
      for (int i = 0; i < c; i++) {
        int at = image * c + i;
        // Through the sigmoid.
        double dlogit = gateSums[at] * gate[at] * (1 - gate[at]);
        db2[i] += dlogit;
        for (int s = 0; s < squeeze; s++) {
          double h = hidden[image * squeeze + s];
          dw2[i * squeeze + s] += dlogit * Reference.silu(h);
          dhidden[s] += dlogit * w2[i * squeeze + s] * Reference.siluSlope(h);
        }
      }
      for (int s = 0; s < squeeze; s++) {
        db1[s] += dhidden[s];
        for (int i = 0; i < c; i++) {
          int at = image * c + i;
          dw1[s * c + i] += dhidden[s] * pooled[at];
          dpool[at] += dhidden[s] * w1[s * c + i] / sites.divisors()[image];
        }
      }
      for (int i = 0; i < c; i++) {
        int at = image * c + i;
        sums[i] += gate[at] * gateSums[row + at] + dpool[at] * pooled[row + at];
        sums[c + i] += gate[at] * gateSums[2 * row + at] + dpool[at] * pooled[2 * row + at];
      }
    }
  }
}
