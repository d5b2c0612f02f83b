package org.pixelwake.engine;

import java.util.Locale;
import java.util.Map;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.plan.Gradients;

/// `FAMILY forward nXhXwXcX[oX] kXsXtX STORAGE TRANSFORM [stats] [bias] [offset=B]` and `FAMILY
/// backward ... grad=KIND [keep] [sites] [addend|addend_in_place] [no_dx] [no_dweight] [bias]`.
///
/// `offset` is a bias around that value, so that the mean is much larger than the deviation.
final class ConvolutionCases {
  private ConvolutionCases() {}

  static Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    Family family = Family.valueOf(spec.family().toUpperCase(Locale.ROOT));
    Convolution.Attributes a =
        new Convolution.Attributes(
            family, spec.number("k", 1), spec.number("s", 1), spec.number("t", 0) == 1);
    int n = spec.number("n");
    int in = spec.number("c");
    int out = spec.number("o", in);
    View x =
        draw.view("x", spec.transform(), spec.storage(), n, spec.number("h"), spec.number("w"), in);
    int fanIn = a.kernel() * a.kernel() * (family == Family.DEPTHWISE ? 1 : in);
    Tensor weight = draw.vector("weight", 0, 1 / Math.sqrt(fanIn), a.weightShape(in, out));
    int[] shape = {n, a.outputSide(x.h()), a.outputSide(x.w()), out};
    return switch (spec.function()) {
      case "forward" -> forward(spec, draw, a, x, weight, shape);
      case "backward" -> backward(spec, draw, a, x, weight, shape, aliases);
      default -> throw spec.unknown();
    };
  }

  private static Operation forward(
      Spec spec, Draw draw, Convolution.Attributes a, View x, Tensor weight, int[] shape) {
    float offset = spec.real("offset", 0);
    int out = shape[3];
    // Depthwise has no bias: there the input is moved instead.
    if (offset != 0 && a.family() == Family.DEPTHWISE) {
      Tensor bn = x.bn();
      for (int i = 0; i < x.c(); i++) {
        draw.values().get(bn)[x.c() + i] += offset;
      }
    }
    boolean biased = spec.has("bias") || (offset != 0 && a.family() != Family.DEPTHWISE);
    return new Convolution.Forward(
        a,
        x,
        weight,
        biased ? draw.vector("bias", offset, 1, out) : null,
        draw.output("y", spec.storage(), shape),
        spec.has("stats") ? draw.output("stats", 2, out) : null);
  }

  private static Operation backward(
      Spec spec,
      Draw draw,
      Convolution.Attributes a,
      View x,
      Tensor weight,
      int[] shape,
      Map<Tensor, Tensor> aliases) {
    Tensor y = draw.activation("y", spec.storage(), shape);
    Gradients.OfRaw dy = gradient(spec, draw, shape);
    Tensor dx = null;
    Tensor sums = null;
    Tensor addend = null;
    int in = x.c();
    if (!spec.has("no_dx")) {
      dx = draw.output("dx", spec.storage(), x.data().shape());
      sums =
          switch (x.transform()) {
            case BN_SILU -> draw.output("sums", 2, in);
            case BN_SILU_GATE -> draw.output("gate_sums", 3, x.n(), in);
            default -> null;
          };
      boolean inPlace = spec.has("addend_in_place");
      if (spec.has("addend") || inPlace) {
        addend = draw.activation("addend", spec.storage(), x.data().shape());
      }
      if (inPlace) {
        aliases.put(dx, addend);
      }
    }
    return new Convolution.Backward(
        a,
        x,
        weight,
        y,
        dy,
        addend,
        dx,
        sums,
        spec.has("no_dweight") ? null : draw.output("dweight", weight.shape()),
        spec.has("bias") ? draw.output("dbias", shape[3]) : null);
  }

  private static Gradients.OfRaw gradient(Spec spec, Draw draw, int[] shape) {
    Gradients.Kind kind =
        Gradients.Kind.valueOf(spec.setting("grad", "plain").toUpperCase(Locale.ROOT));
    int n = shape[0];
    int out = shape[3];
    Tensor dy = draw.activation("dy", spec.storage(), shape);
    Tensor coef = kind == Gradients.Kind.PLAIN ? null : draw.vector("coef", 0.3, 0.5, 3, out);
    Tensor keep =
        spec.has("keep")
            ? draw.input("keep", Storage.F32, () -> draw.random().nextInt(3) * 0.7, n)
            : null;
    boolean gated = kind == Gradients.Kind.BN_SILU_GATE;
    return new Gradients.OfRaw(
        kind,
        dy,
        coef,
        keep,
        gated ? draw.bn("dy bn", out) : null,
        gated ? draw.uniform("dy gate", 0.1, 0.95, n, out) : null,
        gated ? draw.vector("dy dpool", 0, 0.3, n, out) : null,
        gated ? draw.sites(spec, n, shape[1], shape[2]) : null);
  }
}
