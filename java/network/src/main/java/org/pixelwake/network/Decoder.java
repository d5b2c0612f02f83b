package org.pixelwake.network;

import java.util.List;
import java.util.function.Consumer;
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

/// The encoder transposed: its blocks in reverse order, each with the channels the other way round
/// and a transposed depthwise convolution where its twin strides; then the heads.
///
/// The reference leaves these layers at PyTorch's own initialisation, and so do we, but for the
/// biases of the mask logits.
final class Decoder {
  /// Channels of the output: three of the image, the logit of the cluster mask, the logit of the
  /// threshold mask.
  static final int HEADS = 5;

  /// Start of the mask logits' biases: log(p / (1 - p)) for p = 0.05, about the part of an image
  /// that a track covers. From zero, the first thousand steps would only teach the heads that most
  /// pixels are empty (Lin et al. 2017, "Focal loss", section 3.3).
  static final float MASK_PRIOR = (float) Math.log(0.05 / 0.95);

  /// First mask channel of the output.
  static final int FIRST_MASK = 3;

  private static final Convolution.Attributes HEAD =
      new Convolution.Attributes(Family.DENSE, 3, 2, true);

  private Decoder() {}

  static void specs(Architecture a, Consumer<Spec> sink) {
    Start start = Start.UNIFORM_FAN_IN;
    int last = a.stages().getLast().getLast().out();
    Layer.normalised("decoder.0", start, new int[] {last, a.top(), 1, 1}, last, sink);
    for (int s = a.stages().size() - 1, d = 1; s >= 0; s--, d++) {
      List<Block> twins = a.stages().get(s).reversed();
      for (int b = 0; b < twins.size(); b++) {
        blockSpecs("decoder." + d + "." + b + ".block.", twins.get(b), sink);
      }
    }
    sink.accept(Layer.weight("heads.weight", start, a.stem(), HEADS, 3, 3));
    sink.accept(Layer.bias("heads.bias", start, HEADS * 9, HEADS));
  }

  private static void blockSpecs(String prefix, Block twin, Consumer<Spec> sink) {
    Start start = Start.UNIFORM_FAN_IN;
    int c = twin.expanded();
    Layer.normalised(prefix + 0, start, new int[] {c, twin.out(), 1, 1}, c, sink);
    int[] depthwise = {c, 1, twin.kernel(), twin.kernel()};
    Layer.normalised(prefix + 1, start, depthwise, c, sink);
    Layer.squeezeExcite(prefix + 2, c, twin.squeeze(), false, sink);
    Layer.normalised(prefix + 3, start, new int[] {twin.in(), c, 1, 1}, twin.in(), sink);
  }

  /// Traces decoder and heads.
  ///
  /// @param x last output of the encoder
  /// @return (n, side, side, 5)
  static Tensor decode(Graph g, Architecture a, View x) {
    BatchNorm.Attributes bn = new BatchNorm.Attributes(a.eps(), a.momentum());
    int last = a.stages().getLast().getLast().out();
    View y =
        EfficientNet.normalised(
            g, bn, EfficientNet.POINTWISE, x, "decoder.0", last, Transform.BN_SILU);
    for (int s = a.stages().size() - 1, d = 1; s >= 0; s--, d++) {
      List<Block> twins = a.stages().get(s).reversed();
      for (int b = 0; b < twins.size(); b++) {
        y = block(g, bn, y, "decoder." + d + "." + b, twins.get(b));
      }
    }
    return g.convolution(HEAD, y, "heads", HEADS, true, false).y();
  }

  private static View block(Graph g, BatchNorm.Attributes bn, View input, String name, Block twin) {
    String prefix = name + ".block.";
    int c = twin.expanded();
    View x =
        EfficientNet.normalised(
            g, bn, EfficientNet.POINTWISE, input, prefix + 0, c, Transform.BN_SILU);
    Convolution.Attributes depthwise =
        new Convolution.Attributes(
            Family.DEPTHWISE, twin.kernel(), twin.stride(), twin.stride() > 1);
    x = EfficientNet.normalised(g, bn, depthwise, x, prefix + 1, c, Transform.BN_SILU);
    x = g.squeezeExcite(x, prefix + 2);
    x =
        EfficientNet.normalised(
            g, bn, EfficientNet.POINTWISE, x, prefix + 3, twin.in(), Transform.BN);
    return g.residual(x, twin.residual() ? input : null, name, 0, 0, null);
  }
}
