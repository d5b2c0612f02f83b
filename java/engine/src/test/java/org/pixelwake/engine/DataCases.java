package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Rasterization, the loss and the optimizer.
final class DataCases {
  private DataCases() {}

  /// `rasterize forward nX side=S STORAGE toa=T mask=M [scale=5] [augment] [duplicates] [no_input]
  /// [no_target]`: clusters from one hit to some larger than the side, one of them empty.
  static Operation rasterize(Spec spec, Draw draw) {
    int n = spec.number("n");
    int side = Math.round(spec.real("side", 16));
    Random random = draw.random();
    int[] offsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      int hits = i == 2 ? 0 : i % 4 == 0 ? 1 + random.nextInt(3) : 1 + random.nextInt(60);
      offsets[i + 1] = offsets[i] + hits;
    }
    int hits = offsets[n];
    short[] x = new short[hits];
    short[] y = new short[hits];
    long[] ids = new long[n];
    boolean duplicates = spec.has("duplicates");
    for (int i = 0; i < n; i++) {
      ids[i] = random.nextLong();
      // A third of the clusters is larger than the side.
      int extent = 1 + random.nextInt(i % 3 == 1 ? 3 * side + 1 : side);
      int cornerX = random.nextInt(200);
      int cornerY = random.nextInt(200);
      for (int j = offsets[i]; j < offsets[i + 1]; j++) {
        x[j] = (short) (cornerX + random.nextInt(extent));
        y[j] = (short) (cornerY + random.nextInt(Math.max(1, extent / 2)));
        if (duplicates && j > offsets[i] && random.nextInt(3) == 0) {
          x[j] = x[j - 1];
          y[j] = y[j - 1];
        }
      }
    }
    Rasterize.Hits all =
        new Rasterize.Hits(
            draw.raw("x", 2 * hits, x),
            draw.raw("y", 2 * hits, y),
            draw.uniform("energy", 0.5, 120, hits),
            draw.uniform("toa", 0, 150, hits),
            draw.raw("offsets", 4 * (n + 1), offsets),
            draw.raw("ids", 8 * n, ids));
    Rasterize.Attributes a =
        new Rasterize.Attributes(
            side,
            Math.round(spec.real("scale", 5)),
            spec.has("augment"),
            spec.real("mask", 0),
            100,
            spec.real("toa", 0),
            20);
    return new Rasterize.Forward(
        a,
        draw.stepTensor(draw.step(0.1f)),
        all,
        spec.has("no_input") ? null : draw.output("input", spec.storage(), n, side, side, 3),
        spec.has("no_target") ? null : draw.output("target", spec.storage(), n, side, side, 3));
  }

  /// `loss autoencoder nXhXwX STORAGE [plain] [no_empty] [large] [no_doutput]`; `no_empty`: only
  /// hit pixels count, and the first image has none; `large`: logits that overflow a naive
  /// exponential.
  ///
  /// `global=G`: images of all processes, n of which are here.
  ///
  /// `loss supervised nXcXtX [smooth=S] [part=P] [weighted] [large] [no_doutput]`: c classes and t
  /// targets; some labels and values are missing, all of the first image's.
  static Operation loss(Spec spec, Draw draw) {
    if (spec.function().equals("supervised")) {
      return supervised(spec, draw);
    }
    int n = spec.number("n");
    int h = spec.number("h");
    int w = spec.number("w");
    boolean onlyHits = spec.has("no_empty");
    double scale = spec.has("large") ? 100 : 2;
    Random random = draw.random();
    Tensor output =
        draw.input("output", spec.storage(), () -> scale * random.nextGaussian(), n, h, w, 5);
    Tensor target = draw.input("target", spec.storage(), () -> 0, n, h, w, 3);
    double[] t = draw.values().get(target);
    for (int i = 0; i < t.length; i += 3) {
      boolean inside = random.nextInt(3) == 0 && !(onlyHits && i < t.length / n);
      t[i] = inside ? Values.round(0.01 + random.nextDouble(), spec.storage()) : 0;
      t[i + 1] = inside ? Values.round(random.nextDouble(), spec.storage()) : 0;
      t[i + 2] = inside && random.nextBoolean() ? 1 : 0;
    }
    Loss.Weights mixed = new Loss.Weights(1.5f, 0.7f, 0.9f, 2, 0.5f, 3, 0.8f, 1.2f, 0.6f);
    Loss.Weights hits = new Loss.Weights(1.5f, 0.7f, 0.9f, 2, 0, 3, 0, 1.2f, 0.6f);
    Loss.Weights weights = spec.has("plain") ? Loss.Weights.PLAIN : onlyHits ? hits : mixed;
    return new Loss.Autoencoder(
        weights,
        Math.round(spec.real("global", 0)),
        output,
        target,
        spec.has("no_doutput") ? null : draw.output("doutput", spec.storage(), n, h, w, 5),
        draw.output("losses", 4),
        draw.output("columns", n, Loss.COLUMNS));
  }

  private static Operation supervised(Spec spec, Draw draw) {
    int n = spec.number("n");
    int classes = spec.number("c");
    int targets = spec.number("t");
    double scale = spec.has("large") ? 200 : 2;
    Random random = draw.random();
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      // A number of no class too, which is no label either.
      labels[i] = i == 0 || random.nextInt(6) == 0 ? -1 : random.nextInt(classes + 1);
    }
    Loss.Supervision a =
        new Loss.Supervision(
            classes, targets, spec.real("smooth", 0), 0.7f, 1.3f, spec.real("part", 0.6f), 0.125f);
    return new Loss.Supervised(
        a,
        draw.vector("output", 0, scale, n, a.outputs()),
        classes == 0 ? null : draw.raw("labels", 4 * n, labels),
        targets == 0 ? null : values(draw, n, targets),
        spec.has("weighted") ? draw.uniform("class weights", 0.2, 3, classes) : null,
        spec.has("no_doutput") ? null : draw.output("doutput", n, a.outputs()),
        draw.output("losses", 3),
        draw.output("columns", n, Loss.SUPERVISED_COLUMNS));
  }

  private static Tensor values(Draw draw, int n, int targets) {
    Tensor values = draw.vector("values", 0, 1, n, targets);
    double[] all = draw.values().get(values);
    for (int i = 0; i < all.length; i++) {
      if (i < targets || draw.random().nextInt(4) == 0) {
        all[i] = Double.NaN;
      }
    }
    return values;
  }

  /// `optimizer norm nX`, `optimizer adamw nX decay=D clip=C [no_ema] [measured]`, `optimizer
  /// average nX`. `nX pX`: so many elements in so many pieces of unequal length, the last longest.
  static Operation optimizer(Spec spec, Draw draw) {
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
      default -> throw new IllegalArgumentException("no function in `" + spec.line() + "`");
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
}
