package org.pixelwake.engine;

/// The optimizer, on arrays that it changes in place.
final class ReferenceOptimizer {
  private ReferenceOptimizer() {}

  static void gradientNorm(Optimizer.GradientNorm op, Values v) {
    double sum = 0;
    for (double g : v.get(op.gradient())) {
      sum += g * g;
    }
    v.fresh(op.norm())[0] = Math.sqrt(sum);
  }

  /// `torch.optim.AdamW`; the step's scalars are those of the struct, rounded to f32.
  static void adamW(Optimizer.AdamW op, Values v) {
    Optimizer.Attributes a = op.attributes();
    StepState step = v.step(op.step());
    double rate = (float) step.learningRate();
    double bias1 = (float) (1 - Math.pow(step.beta1(), (double) step.index()));
    double bias2 = (float) (1 - Math.pow(step.beta2(), (double) step.index()));
    double decay = (float) step.averageDecay();
    double clip = 1;
    if (a.clipNorm() > 0) {
      clip = Math.min(1, a.clipNorm() / v.get(op.norm())[0]);
    }
    double[] p = v.get(op.parameter());
    double[] gradient = v.get(op.gradient());
    double[] m = v.get(op.m());
    double[] s = v.get(op.v());
    for (int i = 0; i < p.length; i++) {
      double g = clip * gradient[i];
      p[i] *= 1 - rate * a.weightDecay();
      m[i] = a.beta1() * m[i] + (1 - (double) a.beta1()) * g;
      s[i] = a.beta2() * s[i] + (1 - (double) a.beta2()) * g * g;
      p[i] -= rate / bias1 * m[i] / (Math.sqrt(s[i]) / Math.sqrt(bias2) + a.eps());
    }
    if (op.ema() != null) {
      mix(decay, p, v.get(op.ema()));
    }
  }

  static void average(Optimizer.Average op, Values v) {
    mix((float) v.step(op.step()).averageDecay(), v.get(op.value()), v.get(op.average()));
  }

  private static void mix(double decay, double[] value, double[] average) {
    for (int i = 0; i < average.length; i++) {
      average[i] = decay * average[i] + (1 - decay) * value[i];
    }
  }
}
