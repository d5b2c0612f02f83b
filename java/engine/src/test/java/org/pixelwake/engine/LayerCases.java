package org.pixelwake.engine;

/// Batch norm, squeeze-excite, residual, pooling and linear layers: `FAMILY FUNCTION nXhXwXcX ...`.
final class LayerCases {
  private LayerCases() {}

  private static final BatchNorm.Attributes NORM = new BatchNorm.Attributes(1e-3f, 0.1f);

  private static View view(Spec spec, Draw draw, String name, Transform transform) {
    return draw.view(
        name,
        transform,
        spec.storage(),
        spec.number("n"),
        spec.number("h"),
        spec.number("w"),
        spec.number("c"));
  }

  private static IllegalArgumentException unknown(Spec spec) {
    return new IllegalArgumentException("no function in `" + spec.line() + "`");
  }

  static Operation batchNorm(Spec spec, Draw draw) {
    if (spec.function().equals("apply")) {
      View x = view(spec, draw, "x", spec.transform());
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
      default -> throw unknown(spec);
    };
  }

  static Operation squeezeExcite(Spec spec, Draw draw) {
    int n = spec.number("n");
    int c = spec.number("c");
    int s = spec.number("s");
    View x = view(spec, draw, "x", Transform.BN_SILU);
    Tensor w1 = draw.vector("w1", 0, 1 / Math.sqrt(c), s, c, 1, 1);
    Tensor w2 = draw.vector("w2", 0, 1 / Math.sqrt(s), c, s, 1, 1);
    return switch (spec.function()) {
      case "forward" ->
          new SqueezeExcite.Forward(
              x,
              w1,
              draw.vector("b1", 0, 0.5, s),
              w2,
              draw.vector("b2", 0, 0.5, c),
              draw.output("pooled", 3, n, c),
              draw.output("hidden", n, s),
              draw.output("gate", n, c));
      case "backward" ->
          new SqueezeExcite.Backward(
              x,
              w1,
              w2,
              draw.vector("pooled", 0, 1, 3, n, c),
              draw.vector("hidden", 0, 1, n, s),
              draw.uniform("gate", 0.05, 0.95, n, c),
              draw.vector("gate_sums", 0, 3, 3, n, c),
              draw.output("dw1", s, c, 1, 1),
              draw.output("db1", s),
              draw.output("dw2", c, s, 1, 1),
              draw.output("db2", c),
              draw.output("dpool", n, c),
              draw.output("sums", 2, c));
      default -> throw unknown(spec);
    };
  }

  static Operation residual(Spec spec, Draw draw) {
    int n = spec.number("n");
    if (spec.function().equals("drop_path")) {
      Tensor step = draw.stepTensor(draw.step(0.1f));
      return new Residual.DropPath(
          spec.number("l"), spec.real("p", 0), spec.number("f", 0), step, draw.output("keep", n));
    }
    View p = view(spec, draw, "p", Transform.BN);
    Tensor keep =
        spec.has("keep")
            ? draw.input("keep", Storage.F32, () -> draw.random().nextInt(3) * 0.7, n)
            : null;
    return switch (spec.function()) {
      case "forward" -> {
        View skip = spec.has("no_skip") ? null : view(spec, draw, "skip", spec.transform());
        yield new Residual.Forward(
            p, keep, skip, draw.output("y", spec.storage(), p.data().shape()));
      }
      case "backward" ->
          new Residual.Backward(
              p,
              keep,
              draw.activation("dy", spec.storage(), p.data().shape()),
              draw.output("sums", 2, p.c()));
      default -> throw unknown(spec);
    };
  }

  static Operation poolLinear(Spec spec, Draw draw) {
    int n = spec.number("n");
    int c = spec.number("c");
    return switch (spec.function()) {
      case "pool_forward" ->
          new PoolLinear.PoolForward(
              view(spec, draw, "x", Transform.BN_SILU), draw.output("embedding", n, c));
      case "pool_backward" -> {
        View x = view(spec, draw, "x", Transform.BN_SILU);
        yield new PoolLinear.PoolBackward(
            x,
            draw.vector("dembedding", 0, 1, n, c),
            draw.output("dz", spec.storage(), x.data().shape()),
            draw.output("sums", 2, c));
      }
      case "linear_forward" -> {
        int o = spec.number("o");
        yield new PoolLinear.LinearForward(
            draw.vector("x", 0, 1, n, c),
            draw.vector("weight", 0, 1 / Math.sqrt(c), o, c),
            draw.vector("bias", 0, 1, o),
            draw.output("y", n, o));
      }
      case "linear_backward" -> {
        int o = spec.number("o");
        yield new PoolLinear.LinearBackward(
            draw.vector("x", 0, 1, n, c),
            draw.vector("weight", 0, 1 / Math.sqrt(c), o, c),
            draw.vector("dy", 0, 1, n, o),
            spec.has("no_dx") ? null : draw.output("dx", n, c),
            draw.output("dweight", o, c),
            draw.output("dbias", o));
      }
      case "dropout_forward" ->
          new PoolLinear.DropoutForward(
              drop(spec),
              draw.stepTensor(draw.step(0.1f)),
              draw.vector("x", 0, 1, n, c),
              draw.output("y", n, c));
      case "dropout_backward" ->
          new PoolLinear.DropoutBackward(
              drop(spec),
              draw.stepTensor(draw.step(0.1f)),
              draw.vector("dy", 0, 1, n, c),
              draw.output("dx", n, c));
      default -> throw unknown(spec);
    };
  }

  private static PoolLinear.Drop drop(Spec spec) {
    return new PoolLinear.Drop(spec.number("l", 0), spec.real("p", 0), spec.number("f", 0));
  }
}
