package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Optimizer;

/// The optimizer, on arrays that it changes in place.
final class ReferenceOptimizer implements FamilyReference {
  ReferenceOptimizer() {}

  @Override
  public Set<String> names() {
    return Set.of("optimizer");
  }

  /// `optimizer norm nX`, `optimizer adamw nX decay=D clip=C [no_ema] [measured]`, `optimizer
  /// average nX`. `nX pX`: so many elements in so many pieces of unequal length, the last longest.
  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    int n = spec.number("n");
    return switch (spec.function()) {
      case "norm" -> {
        List<Tensor> gradients = new ArrayList<>();
        for (int length : pieces(spec)) {
          gradients.add(draw.vector("gradient", 0, 1, length));
        }
        yield new Optimizer.GradientNorm(gradients, draw.output("norm", 1));
      }
      case "average" ->
          new Optimizer.Average(
              draw.stepTensor(draw.step(0.1f)),
              draw.vector("value", 0, 1, n),
              draw.vector("average", 0, 1, n));
      case "adamw" -> {
        float clip = spec.real("clip", 0);
        // A step early enough that the bias corrections are far from 1.
        StepState state = new StepState(1, 3, 0.1, 0.9, 0.999, 0.9);
        List<Optimizer.Parameter> parameters = new ArrayList<>();
        for (int length : pieces(spec)) {
          parameters.add(
              new Optimizer.Parameter(
                  draw.vector("parameter", 0, 1, length),
                  draw.vector("gradient", 0, 1, length),
                  draw.vector("m", 0, 0.1, length),
                  draw.uniform("v", 1e-4, 0.1, length),
                  spec.has("no_ema") ? null : draw.vector("ema", 0, 1, length),
                  // Each piece has its own.
                  spec.real("decay", 0) / (1 + parameters.size()),
                  1 / (1f + parameters.size())));
        }
        yield new Optimizer.AdamW(
            new Optimizer.Attributes(0.9f, 0.999f, 1e-8f, 0, clip),
            draw.stepTensor(state),
            clip > 0 ? draw.uniform("norm", 2, 5, 1) : null,
            parameters,
            spec.has("measured") ? draw.output("measured", 1) : null);
      }
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Optimizer.GradientNorm op -> gradientNorm(op, v);
      case Optimizer.AdamW op -> adamW(op, v);
      case Optimizer.Average op -> average(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  @Override
  public List<Tensor> changed(Operation operation) {
    return switch (operation) {
      case Optimizer.AdamW op ->
          op.parameters().stream()
              .flatMap(p -> Operation.present(p.value(), p.m(), p.v(), p.ema()).stream())
              .toList();
      case Optimizer.Average op -> List.of(op.average());
      default -> List.of();
    };
  }

  private static int[] pieces(Spec spec) {
    int left = spec.number("n");
    int[] lengths = new int[spec.number("p", 1)];
    for (int i = 0; i < lengths.length - 1; i++) {
      lengths[i] = 1 + i * i * 7 % 50;
      left -= lengths[i];
    }
    lengths[lengths.length - 1] = left;
    return lengths;
  }

  static void gradientNorm(Optimizer.GradientNorm op, TensorValues v) {
    v.fresh(op.norm())[0] = norm(op.gradients(), v);
  }

  private static double norm(List<Tensor> gradients, TensorValues v) {
    double sum = 0;
    for (Tensor gradient : gradients) {
      for (double g : v.get(gradient)) {
        sum += g * g;
      }
    }
    return Math.sqrt(sum);
  }

  /// `torch.optim.AdamW`; the step's scalars are those of the struct, rounded to f32.
  static void adamW(Optimizer.AdamW op, TensorValues v) {
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
      Optimizer.Attributes a, double clip, StepState step, Optimizer.Parameter of, TensorValues v) {
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

  static void average(Optimizer.Average op, TensorValues v) {
    mix((float) v.step(op.step()).averageDecay(), v.get(op.value()), v.get(op.average()));
  }

  private static void mix(double decay, double[] value, double[] average) {
    for (int i = 0; i < average.length; i++) {
      average[i] = decay * average[i] + (1 - decay) * value[i];
    }
  }
}
