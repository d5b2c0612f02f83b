package org.pixelwake.engine;

import org.pixelwake.base.Philox;

/// Global average pooling and linear layers.
final class ReferencePoolLinear {
  private ReferencePoolLinear() {}

  static void poolForward(PoolLinear.PoolForward op, Values v) {
    double[] a = ReferenceNorm.transformed(op.x(), v);
    double[] embedding = v.fresh(op.embedding());
    int c = op.x().c();
    int pixels = op.x().h() * op.x().w();
    for (int i = 0; i < a.length; i++) {
      embedding[i / (pixels * c) * c + i % c] += a[i] / pixels;
    }
  }

  static void poolBackward(PoolLinear.PoolBackward op, Values v) {
    double[] raw = v.get(op.x().data());
    double[] dembedding = v.get(op.dembedding());
    ReferenceNorm.Vectors bn = ReferenceNorm.Vectors.of(op.x().bn(), v);
    double[] dz = v.fresh(op.dz());
    double[] sums = v.fresh(op.sums());
    int c = op.x().c();
    int pixels = op.x().h() * op.x().w();
    for (int i = 0; i < dz.length; i++) {
      int channel = i % c;
      double da = dembedding[i / (pixels * c) * c + channel] / pixels;
      dz[i] = da * Reference.siluSlope(bn.z(raw[i], channel));
      sums[channel] += dz[i];
      sums[c + channel] += dz[i] * bn.xhat(raw[i], channel);
    }
  }

  static void linearForward(PoolLinear.LinearForward op, Values v) {
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

  static void linearBackward(PoolLinear.LinearBackward op, Values v) {
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

  static void dropout(PoolLinear.Drop drop, Tensor state, Tensor x, Tensor y, Values v) {
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
