package org.pixelwake.engine;

import java.util.List;

/// The optimizer, on arrays that it changes in place.
final class ReferenceOptimizer {
  private ReferenceOptimizer() {}

  static void gradientNorm(Optimizer.GradientNorm op, Values v) {
    v.fresh(op.norm())[0] = norm(op.gradients(), v);
  }

  private static double norm(List<Tensor> gradients, Values v) {
    double sum = 0;
    for (Tensor gradient : gradients) {
      for (double g : v.get(gradient)) {
        sum += g * g;
      }
    }
    return Math.sqrt(sum);
  }

  /// `torch.optim.AdamW`; the step's scalars are those of the struct, rounded to f32.
  static void adamW(Optimizer.AdamW op, Values v) {
    Optimizer.Attributes a = op.attributes();
    double clip = a.clipNorm() > 0 ? Math.min(1, a.clipNorm() / v.get(op.norm())[0]) : 1;
    for (Optimizer.Parameter parameter : op.parameters()) {
      step(a, clip, v.step(op.step()), parameter, v);
    }
    if (op.measured() != null) {
      v.fresh(op.measured())[0] =
          norm(op.parameters().stream().map(Optimizer.Parameter::gradient).toList(), v);
    }
  }

  private static void step(
      Optimizer.Attributes a, double clip, StepState step, Optimizer.Parameter of, Values v) {
    double rate = (float) step.learningRate() * (double) of.rate();
    double bias1 = (float) (1 - Math.pow(step.beta1(), (double) step.index()));
    double bias2 = (float) (1 - Math.pow(step.beta2(), (double) step.index()));
    double[] p = v.get(of.value());
    double[] gradient = v.get(of.gradient());
    double[] m = v.get(of.m());
    double[] s = v.get(of.v());
    for (int i = 0; i < p.length; i++) {
      double g = clip * gradient[i];
      p[i] *= 1 - rate * of.weightDecay();
      m[i] = a.beta1() * m[i] + (1 - (double) a.beta1()) * g;
      s[i] = a.beta2() * s[i] + (1 - (double) a.beta2()) * g * g;
      p[i] -= rate / bias1 * m[i] / (Math.sqrt(s[i]) / Math.sqrt(bias2) + a.eps());
    }
    if (of.ema() != null) {
      mix((float) step.averageDecay(), p, v.get(of.ema()));
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
