package org.pixelwake.engine;

import org.pixelwake.base.Philox;

/// The end of a block.
final class ReferenceResidual {
  private ReferenceResidual() {}

  static void forward(Residual.Forward op, Values v) {
    double[] branch =
        ReferenceNorm.transformed(new View(op.p().data(), Transform.BN, op.p().bn(), null), v);
    double[] skip = op.skip() == null ? null : ReferenceNorm.transformed(op.skip(), v);
    double[] keep = op.keep() == null ? null : v.get(op.keep());
    double[] y = v.fresh(op.y());
    int plane = y.length / op.y().dim(0);
    for (int i = 0; i < y.length; i++) {
      double kept = keep == null ? branch[i] : keep[i / plane] * branch[i];
      y[i] = skip == null ? kept : kept + skip[i];
    }
  }

  static void backward(Residual.Backward op, Values v) {
    double[] dy = v.get(op.dy());
    double[] p = v.get(op.p().data());
    double[] keep = op.keep() == null ? null : v.get(op.keep());
    ReferenceNorm.Vectors bn = ReferenceNorm.Vectors.of(op.p().bn(), v);
    double[] sums = v.fresh(op.sums());
    int c = op.p().c();
    int plane = dy.length / op.p().n();
    for (int i = 0; i < dy.length; i++) {
      double kept = keep == null ? dy[i] : keep[i / plane] * dy[i];
      sums[i % c] += kept;
      sums[c + i % c] += kept * bn.xhat(p[i], i % c);
    }
  }

  static void dropPath(Residual.DropPath op, Values v) {
    StepState step = v.step(op.step());
    double[] keep = v.fresh(op.keep());
    int[] words = new int[4];
    for (int i = 0; i < keep.length; i++) {
      Philox.block(
          op.first() + i,
          op.layer(),
          (int) step.index(),
          (int) (step.index() >>> 32),
          (int) step.seed(),
          (int) (step.seed() >>> 32),
          words,
          0);
      double u = Integer.toUnsignedLong(words[0]) * 0x1p-32;
      keep[i] = u < op.probability() ? 0 : 1 / (1 - (double) op.probability());
    }
  }
}
