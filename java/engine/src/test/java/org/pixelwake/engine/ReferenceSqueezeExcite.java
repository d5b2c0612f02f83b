package org.pixelwake.engine;

/// Squeeze-excite.
final class ReferenceSqueezeExcite {
  private ReferenceSqueezeExcite() {}

  static void forward(SqueezeExcite.Forward op, Values v) {
    View x = op.x();
    int n = x.n();
    int c = x.c();
    int squeeze = op.w1().dim(0);
    double[] pooled = v.fresh(op.pooled());
    pool(x, v, pooled);
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

  private static void pool(View x, Values v, double[] pooled) {
    double[] raw = v.get(x.data());
    ReferenceNorm.Vectors bn = ReferenceNorm.Vectors.of(x.bn(), v);
    int c = x.c();
    int pixels = x.h() * x.w();
    int row = x.n() * c;
    for (int i = 0; i < raw.length; i++) {
      int channel = i % c;
      int at = i / (pixels * c) * c + channel;
      double z = bn.z(raw[i], channel);
      double slope = Reference.siluSlope(z);
      pooled[at] += Reference.silu(z) / pixels;
      pooled[row + at] += slope;
      pooled[2 * row + at] += slope * bn.xhat(raw[i], channel);
    }
  }

  static void backward(SqueezeExcite.Backward op, Values v) {
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
          dpool[at] += dhidden[s] * w1[s * c + i] / (op.x().h() * op.x().w());
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
