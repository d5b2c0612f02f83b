package org.pixelwake.engine;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Operation;

/// Views and batch norm.
final class ReferenceBatchNorm implements FamilyReference {
  ReferenceBatchNorm() {}

  @Override
  public Set<String> names() {
    return Set.of("batchnorm");
  }

  private static final BatchNorm.Attributes NORM = new BatchNorm.Attributes(1e-3f, 0.1f);

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    if (spec.function().equals("apply")) {
      View x = draw.view(spec, "x", spec.transform());
      return new BatchNorm.Apply(x, draw.output("y", spec.storage(), x.data().shape()));
    }
    int c = spec.number("c");
    boolean training = spec.has("training");
    Tensor raw =
        draw.output("raw", spec.storage(), spec.number("n"), spec.number("h"), spec.number("w"), c);
    return switch (spec.function()) {
      case "forward" ->
          new BatchNorm.Forward(
              NORM,
              raw,
              training ? draw.uniform("stats", 0.01, 2, 2, c) : null,
              draw.vector("gamma", 1, 0.3, c),
              draw.vector("beta", 0, 0.3, c),
              draw.vector("running mean", 0, 1, c),
              draw.uniform("running var", 0.5, 2, c),
              draw.output("bn", 4, c),
              spec.number("r", 1));
      case "backward" ->
          new BatchNorm.Backward(
              NORM,
              raw,
              training,
              draw.vector("sums", 0, 10, 2, c),
              draw.bn("bn", c),
              spec.has("no_dgamma") ? null : draw.output("dgamma", c),
              spec.has("no_dbeta") ? null : draw.output("dbeta", c),
              draw.output("coef", 3, c),
              spec.number("r", 1));
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case BatchNorm.Forward op -> forward(op, v);
      case BatchNorm.Backward op -> backward(op, v);
      case BatchNorm.Apply op -> v.put(op.y(), transformed(op.x(), v));
      default -> throw FamilyReference.unknown(operation);
    }
  }

  @Override
  public List<Tensor> changed(Operation operation) {
    return operation instanceof BatchNorm.Forward op && op.stats() != null
        ? List.of(op.runningMean(), op.runningVar())
        : List.of();
  }

  /// The vectors (4, c) of a batch norm by name.
  record Vectors(double[] bn, int c) {
    static Vectors of(Tensor bn, TensorValues v) {
      return new Vectors(v.get(bn), bn.dim(1));
    }

    double z(double x, int channel) {
      return bn[channel] * x + bn[c + channel];
    }

    double xhat(double x, int channel) {
      return (x - bn[2 * c + channel]) * bn[3 * c + channel];
    }
  }

  /// What a consumer of the view sees.
  static double[] transformed(View x, TensorValues v) {
    double[] out = v.get(x.data()).clone();
    if (x.transform() == Transform.NONE) {
      return out;
    }
    Vectors vectors = Vectors.of(x.bn(), v);
    int c = x.c();
    int plane = x.h() * x.w() * c;
    double[] gate = x.gate() == null ? null : v.get(x.gate());
    for (int i = 0; i < out.length; i++) {
      double z = vectors.z(out[i], i % c);
      double a = x.transform() == Transform.BN ? z : Reference.silu(z);
      out[i] = gate == null ? a : a * gate[i / plane * c + i % c];
    }
    return out;
  }

  static void forward(BatchNorm.Forward op, TensorValues v) {
    int c = op.raw().dim(3);
    double[] gamma = v.get(op.gamma());
    double[] beta = v.get(op.beta());
    double[] runningMean = v.get(op.runningMean());
    double[] runningVar = v.get(op.runningVar());
    double[] bn = v.fresh(op.bn());
    double count = (double) op.ranks() * op.raw().elements() / c;
    double momentum = op.attributes().momentum();
    for (int i = 0; i < c; i++) {
      double mean = runningMean[i];
      double variance = runningVar[i];
      if (op.stats() != null) {
        double[] stats = v.get(op.stats());
        mean = stats[i];
        variance = stats[c + i];
        double unbiased = count > 1 ? variance * count / (count - 1) : variance;
        runningMean[i] += momentum * (mean - runningMean[i]);
        runningVar[i] += momentum * (unbiased - runningVar[i]);
      }
      double rstd = 1 / Math.sqrt(variance + op.attributes().eps());
      bn[i] = gamma[i] * rstd;
      bn[c + i] = beta[i] - mean * bn[i];
      bn[2 * c + i] = mean;
      bn[3 * c + i] = rstd;
    }
  }

  static void backward(BatchNorm.Backward op, TensorValues v) {
    int c = op.raw().dim(3);
    double count = (double) op.ranks() * op.raw().elements() / c;
    double[] sums = v.get(op.sums());
    double[] bn = v.get(op.bn());
    double[] coef = v.fresh(op.coef());
    for (int i = 0; i < c; i++) {
      double scale = bn[i];
      double mean = bn[2 * c + i];
      double rstd = bn[3 * c + i];
      coef[i] = scale;
      if (op.training()) {
        // scale * (dz - m1 - (raw - mean) * rstd * m2)
        double m1 = sums[i] / count;
        double m2 = sums[c + i] / count;
        coef[c + i] = -scale * rstd * m2;
        coef[2 * c + i] = scale * (mean * rstd * m2 - m1);
      }
    }
    if (op.dgamma() != null) {
      System.arraycopy(sums, c, v.fresh(op.dgamma()), 0, c);
    }
    if (op.dbeta() != null) {
      System.arraycopy(sums, 0, v.fresh(op.dbeta()), 0, c);
    }
  }
}
