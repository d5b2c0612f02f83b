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
import org.pixelwake.network.Architecture.Named;
import org.pixelwake.network.Layer.Spec;
import org.pixelwake.network.Layer.Start;

/// The encoder, torchvision's EfficientNet `features` or the small CNN, traced into a [Graph].
/// Parameters are named as in torchvision's state dict; the small CNN's `features.S.0` and
/// `features.S.1` are the depthwise and the 1x1 convolution of stage S.
final class EfficientNet {
  static final Convolution.Attributes POINTWISE =
      new Convolution.Attributes(Family.POINTWISE, 1, 1, false);

  private EfficientNet() {}

  static void specs(Architecture a, Consumer<Spec> sink) {
    Start start = Start.KAIMING_FAN_OUT;
    Layer.normalised("features.0", start, sink, a.stem(), 3, 3, 3);
    for (Named named : a.blocks()) {
      blockSpecs(prefix(named), named.block(), sink);
    }
    if (!a.separable()) {
      Layer.normalised(a.topName(), start, sink, a.top(), a.last(), 1, 1);
    }
  }

  private static String prefix(Named named) {
    return named.name() + (named.block().separable() ? "." : ".block.");
  }

  private static void blockSpecs(String prefix, Block b, Consumer<Spec> sink) {
    Start start = Start.KAIMING_FAN_OUT;
    int i = 0;
    if (b.expands()) {
      Layer.normalised(prefix + i++, start, sink, b.expanded(), b.in(), 1, 1);
    }
    Layer.normalised(prefix + i++, start, sink, b.expanded(), 1, b.kernel(), b.kernel());
    if (!b.separable()) {
      Layer.squeezeExcite(prefix + i++, b.expanded(), b.squeeze(), true, sink);
    }
    Layer.normalised(prefix + i, start, sink, b.out(), b.expanded(), 1, 1);
  }

  static void classifierSpecs(int features, int outputs, Consumer<Spec> sink) {
    sink.accept(Layer.weight("classifier.1.weight", Start.UNIFORM_OUTPUTS, outputs, features));
    sink.accept(Layer.bias("classifier.1.bias", Start.ZERO, 0, outputs));
  }

  /// Traces the encoder and returns the output of each stage, `features.0` first. The last is to be
  /// averaged over the sites that it names.
  ///
  /// @param image (n, side, side, 3); sides are multiples of 32, of the small CNN any
  /// @param step the step's state, for stochastic depth; may be null where there is none
  static List<View> features(Graph g, Architecture a, Tensor image, @Nullable Tensor step) {
    BatchNorm.Attributes bn = a.batchNorm();
    List<View> outputs = new ArrayList<>();
    Convolution.Attributes stem =
        new Convolution.Attributes(Family.DENSE, 3, a.stemStride(), false);
    View x = normalised(g, bn, stem, View.of(image), "features.0", a.stem(), Transform.BN_SILU);
    outputs.add(x);
    List<@Nullable Tensor> sites = a.sites(g, image);
    int layer = 0;
    for (Named named : a.blocks()) {
      x = block(g, bn, x, named, layer, sites.get(layer + 1), step);
      layer++;
      if (named.endsStage()) {
        outputs.add(x);
      }
    }
    if (!a.separable()) {
      outputs.add(normalised(g, bn, POINTWISE, x, a.topName(), a.top(), Transform.BN_SILU));
    }
    outputs.add(outputs.removeLast().over(sites.getLast()));
    return outputs;
  }

  private static View block(
      Graph g,
      BatchNorm.Attributes bn,
      View input,
      Named named,
      int layer,
      @Nullable Tensor sites,
      @Nullable Tensor step) {
    Block b = named.block();
    String prefix = prefix(named);
    int i = 0;
    View x = input;
    if (b.expands()) {
      x = normalised(g, bn, POINTWISE, x, prefix + i++, b.expanded(), Transform.BN_SILU);
    }
    Convolution.Attributes depthwise =
        new Convolution.Attributes(Family.DEPTHWISE, b.kernel(), b.stride(), false);
    x = normalised(g, bn, depthwise, x, prefix + i++, b.expanded(), Transform.BN_SILU);
    if (b.separable()) {
      return normalised(g, bn, POINTWISE, x, prefix + i, b.out(), Transform.BN_SILU);
    }
    x = g.squeezeExcite(x.over(sites), prefix + i++);
    x = normalised(g, bn, POINTWISE, x, prefix + i, b.out(), Transform.BN);
    return g.residual(x, b.residual() ? input : null, named.name(), layer, b.drop(), step);
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
