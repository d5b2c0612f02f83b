package org.pixelwake.engine;

import org.pixelwake.engine.op.Inference;
import org.pixelwake.engine.op.Inference.Activation;
import org.pixelwake.engine.op.Operation;

/// Operations of the inference path: `inference FUNCTION nXhXwXcXoX ...`.
final class InferenceCases {
  private InferenceCases() {}

  /// Weights with their batch norm folded in, which a test packs for each device.
  record Folded(Inference.Weights shape, double[] weight, double[] bias) {}

  static Operation operation(Spec spec, Draw draw) {
    int n = spec.number("n");
    int h = spec.number("h");
    int w = spec.number("w");
    int c = spec.number("c");
    int o = spec.number("o");
    Storage storage = spec.storage();
    return switch (spec.function()) {
      case "pointwise" ->
          new Inference.Pointwise(
              draw.activation("x", storage, n, h, w, c),
              draw.sites(spec, n, h, w),
              weights(draw, "weights", c, o, 1, storage),
              activation(spec),
              draw.output("y", storage, n, h, w, o),
              spec.has("mean") ? draw.output("mean", n, o) : null);
      case "dense" -> {
        int k = spec.number("k");
        int s = spec.number("s");
        yield new Inference.Dense(
            draw.activation("x", Storage.F32, n, h, w, c),
            weights(draw, "weights", c, o, k, Storage.F32),
            k,
            s,
            activation(spec),
            draw.output("y", storage, n, Math.ceilDiv(h, s), Math.ceilDiv(w, s), o));
      }
      case "block" -> {
        int expanded = spec.number("e", c);
        int squeeze = spec.number("q");
        int k = spec.number("k");
        int s = spec.number("s");
        yield new Inference.Block(
            draw.activation("x", storage, n, h, w, c),
            draw.sites(spec, n, Math.ceilDiv(h, s), Math.ceilDiv(w, s)),
            new Inference.BlockShape(expanded, squeeze, k, s, spec.has("residual")),
            new Inference.BlockWeights(
                expanded == c ? null : weights(draw, "expand", c, expanded, 1, storage),
                weights(draw, "depthwise", 1, expanded, k, Storage.F32),
                weights(draw, "squeeze", expanded, squeeze, 1, storage),
                weights(draw, "excite", squeeze, expanded, 1, storage),
                weights(draw, "project", expanded, o, 1, storage)),
            draw.output("y", storage, n, Math.ceilDiv(h, s), Math.ceilDiv(w, s), o));
      }
      default -> throw spec.unknown();
    };
  }

  private static Activation activation(Spec spec) {
    return spec.has("silu")
        ? Activation.SILU
        : spec.has("sigmoid") ? Activation.SIGMOID : Activation.LINEAR;
  }

  private static Tensor weights(Draw draw, String name, int in, int out, int k, Storage storage) {
    int depth = in * k * k;
    double[] weight =
        draw.random().doubles((long) out * depth, -1, 1).map(v -> (float) (2 * v)).toArray();
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) (weight[i] / Math.sqrt(depth));
    }
    double[] bias = draw.random().doubles(out, -0.5, 0.5).map(v -> (float) v).toArray();
    Inference.Weights shape = new Inference.Weights(in, out, k, storage);
    return draw.packed(name, new Folded(shape, weight, bias));
  }
}
