package org.pixelwake.engine;

import java.util.Map;
import java.util.Set;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Residual;

/// The end of a block.
final class ReferenceResidual implements FamilyReference {
  ReferenceResidual() {}

  @Override
  public Set<String> names() {
    return Set.of("residual");
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    int n = spec.number("n");
    if (spec.function().equals("drop_path")) {
      Tensor step = draw.stepTensor(draw.step(0.1f));
      return new Residual.DropPath(
          spec.number("l"), spec.real("p", 0), spec.number("f", 0), step, draw.output("keep", n));
    }
    View p = draw.view(spec, "p", Transform.BN);
    Tensor keep =
        spec.has("keep")
            ? draw.input("keep", Storage.F32, () -> draw.random().nextInt(3) * 0.7, n)
            : null;
    return switch (spec.function()) {
      case "forward" -> {
        View skip = spec.has("no_skip") ? null : draw.view(spec, "skip", spec.transform());
        yield new Residual.Forward(
            p, keep, skip, draw.output("y", spec.storage(), p.data().shape()));
      }
      case "backward" ->
          new Residual.Backward(
              p,
              keep,
              draw.activation("dy", spec.storage(), p.data().shape()),
              draw.output("sums", 2, p.c()));
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Residual.Forward op -> forward(op, v);
      case Residual.Backward op -> backward(op, v);
      case Residual.DropPath op -> dropPath(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  static void forward(Residual.Forward op, TensorValues v) {
    double[] branch =
        ReferenceBatchNorm.transformed(new View(op.p().data(), Transform.BN, op.p().bn(), null), v);
    double[] skip = op.skip() == null ? null : ReferenceBatchNorm.transformed(op.skip(), v);
    double[] keep = op.keep() == null ? null : v.get(op.keep());
    double[] y = v.fresh(op.y());
    int plane = y.length / op.y().dim(0);
    for (int i = 0; i < y.length; i++) {
      double kept = keep == null ? branch[i] : keep[i / plane] * branch[i];
      y[i] = skip == null ? kept : kept + skip[i];
    }
  }

  static void backward(Residual.Backward op, TensorValues v) {
    double[] dy = v.get(op.dy());
    double[] p = v.get(op.p().data());
    double[] keep = op.keep() == null ? null : v.get(op.keep());
    ReferenceBatchNorm.Vectors bn = ReferenceBatchNorm.Vectors.of(op.p().bn(), v);
    double[] sums = v.fresh(op.sums());
    int c = op.p().c();
    int plane = dy.length / op.p().n();
    for (int i = 0; i < dy.length; i++) {
      double kept = keep == null ? dy[i] : keep[i / plane] * dy[i];
      sums[i % c] += kept;
      sums[c + i % c] += kept * bn.xhat(p[i], i % c);
    }
  }

  static void dropPath(Residual.DropPath op, TensorValues v) {
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
