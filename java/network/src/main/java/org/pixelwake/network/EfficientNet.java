package org.pixelwake.network;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.network.Architecture.Block;
import org.pixelwake.network.Layer.Spec;
import org.pixelwake.network.Layer.Start;

/// torchvision's EfficientNet `features`, traced into a [Graph]; parameters are named as in its
/// state dict.
final class EfficientNet {
  static final Convolution.Attributes POINTWISE =
      new Convolution.Attributes(Family.POINTWISE, 1, 1, false);
  static final Convolution.Attributes STEM = new Convolution.Attributes(Family.DENSE, 3, 2, false);

  private EfficientNet() {}

  /// The parameters of the encoder.
  static void specs(Architecture a, Consumer<Spec> sink) {
    Start start = Start.KAIMING_FAN_OUT;
    Layer.normalised("features.0", start, new int[] {a.stem(), 3, 3, 3}, a.stem(), sink);
    for (int s = 0; s < a.stages().size(); s++) {
      List<Block> blocks = a.stages().get(s);
      for (int b = 0; b < blocks.size(); b++) {
        blockSpecs("features." + (s + 1) + "." + b + ".block.", blocks.get(b), sink);
      }
    }
    int last = a.stages().getLast().getLast().out();
    String top = "features." + (a.stages().size() + 1);
    Layer.normalised(top, start, new int[] {a.top(), last, 1, 1}, a.top(), sink);
  }

  private static void blockSpecs(String prefix, Block b, Consumer<Spec> sink) {
    Start start = Start.KAIMING_FAN_OUT;
    int i = 0;
    if (b.expands()) {
      int[] shape = {b.expanded(), b.in(), 1, 1};
      Layer.normalised(prefix + i++, start, shape, b.expanded(), sink);
    }
    int[] depthwise = {b.expanded(), 1, b.kernel(), b.kernel()};
    Layer.normalised(prefix + i++, start, depthwise, b.expanded(), sink);
    Layer.squeezeExcite(prefix + i++, b.expanded(), b.squeeze(), true, sink);
    Layer.normalised(prefix + i, start, new int[] {b.out(), b.expanded(), 1, 1}, b.out(), sink);
  }

  /// The parameters of the classifier.
  static void classifierSpecs(Architecture a, int outputs, Consumer<Spec> sink) {
    sink.accept(Layer.weight("classifier.1.weight", Start.UNIFORM_OUTPUTS, outputs, a.top()));
    sink.accept(Layer.bias("classifier.1.bias", Start.ZERO, 0, outputs));
  }

  /// Traces the encoder and returns the output of each stage, `features.0` first.
  ///
  /// @param image (n, side, side, 3); sides are multiples of 32
  /// @param step the step's state, for stochastic depth; may be null where there is none
  static List<View> features(Graph g, Architecture a, Tensor image, @Nullable Tensor step) {
    BatchNorm.Attributes bn = new BatchNorm.Attributes(a.eps(), a.momentum());
    List<View> outputs = new ArrayList<>();
    View x = normalised(g, bn, STEM, View.of(image), "features.0", a.stem(), Transform.BN_SILU);
    outputs.add(x);
    int layer = 0;
    for (int s = 0; s < a.stages().size(); s++) {
      List<Block> blocks = a.stages().get(s);
      for (int b = 0; b < blocks.size(); b++) {
        x = block(g, bn, x, "features." + (s + 1) + "." + b, blocks.get(b), layer++, step);
      }
      outputs.add(x);
    }
    String top = "features." + (a.stages().size() + 1);
    outputs.add(normalised(g, bn, POINTWISE, x, top, a.top(), Transform.BN_SILU));
    return outputs;
  }

  private static View block(
      Graph g,
      BatchNorm.Attributes bn,
      View input,
      String name,
      Block b,
      int layer,
      @Nullable Tensor step) {
    String prefix = name + ".block.";
    int i = 0;
    View x = input;
    if (b.expands()) {
      x = normalised(g, bn, POINTWISE, x, prefix + i++, b.expanded(), Transform.BN_SILU);
    }
    Convolution.Attributes depthwise =
        new Convolution.Attributes(Family.DEPTHWISE, b.kernel(), b.stride(), false);
    x = normalised(g, bn, depthwise, x, prefix + i++, b.expanded(), Transform.BN_SILU);
    x = g.squeezeExcite(x, prefix + i++);
    x = normalised(g, bn, POINTWISE, x, prefix + i, b.out(), Transform.BN);
    return g.residual(x, b.residual() ? input : null, name, layer, b.drop(), step);
  }

  /// A convolution `prefix.0` with its batch norm `prefix.1`.
  static View normalised(
      Graph g,
      BatchNorm.Attributes bn,
      Convolution.Attributes convolution,
      View x,
      String prefix,
      int out,
      Transform transform) {
    Graph.Raw raw = g.convolution(convolution, x, prefix + ".0", out, false, true);
    return g.batchNorm(bn, raw, prefix + ".1", transform);
  }
}
