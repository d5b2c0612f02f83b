package org.pixelwake.network;

import java.util.ArrayList;
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
import org.pixelwake.network.Architecture.Named;
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

  static final int FIRST_MASK = 3;

  private Decoder() {}

  static void specs(Architecture a, Consumer<Spec> sink) {
    Start start = Start.UNIFORM_FAN_IN;
    Layer.normalised("decoder.0", start, sink, a.last(), a.top(), 1, 1);
    for (Named twin : twins(a)) {
      Block b = twin.block();
      String prefix = twin.name() + ".block.";
      int c = b.expanded();
      Layer.normalised(prefix + 0, start, sink, c, b.out(), 1, 1);
      Layer.normalised(prefix + 1, start, sink, c, 1, b.kernel(), b.kernel());
      Layer.squeezeExcite(prefix + 2, c, b.squeeze(), false, sink);
      Layer.normalised(prefix + 3, start, sink, b.in(), c, 1, 1);
    }
    boolean transposed = a.stemStride() > 1;
    sink.accept(
        transposed
            ? Layer.weight("heads.weight", start, a.stem(), HEADS, 3, 3)
            : Layer.weight("heads.weight", start, HEADS, a.stem(), 3, 3));
    sink.accept(Layer.bias("heads.bias", start, (transposed ? HEADS : a.stem()) * 9, HEADS));
  }

  // The encoder's blocks from the last to the first, under the names that they have here.
  private static List<Named> twins(Architecture a) {
    List<Named> twins = new ArrayList<>();
    int stage = 1;
    for (List<Block> blocks : a.stages().reversed()) {
      int b = 0;
      for (Block block : blocks.reversed()) {
        twins.add(new Named("decoder." + stage + "." + b++, block, b == blocks.size()));
      }
      stage++;
    }
    return twins;
  }

  /// Traces decoder and heads.
  ///
  /// @param x last output of the encoder
  /// @return (n, side, side, 5)
  static Tensor decode(Graph g, Architecture a, View x) {
    BatchNorm.Attributes bn = a.batchNorm();
    View y =
        EfficientNet.normalised(
            g, bn, EfficientNet.POINTWISE, x, "decoder.0", a.last(), Transform.BN_SILU);
    for (Named twin : twins(a)) {
      y = block(g, bn, y, twin.name(), twin.block());
    }
    Convolution.Attributes head =
        new Convolution.Attributes(Family.DENSE, 3, a.stemStride(), a.stemStride() > 1);
    return g.convolution(head, y, "heads", HEADS, true, false).y();
  }

  private static View block(Graph g, BatchNorm.Attributes bn, View input, String name, Block twin) {
    String prefix = name + ".block.";
    int c = twin.expanded();
    Convolution.Attributes pointwise = EfficientNet.POINTWISE;
    View x = EfficientNet.normalised(g, bn, pointwise, input, prefix + 0, c, Transform.BN_SILU);
    Convolution.Attributes depthwise =
        new Convolution.Attributes(
            Family.DEPTHWISE, twin.kernel(), twin.stride(), twin.stride() > 1);
    x = EfficientNet.normalised(g, bn, depthwise, x, prefix + 1, c, Transform.BN_SILU);
    x = g.squeezeExcite(x, prefix + 2);
    x = EfficientNet.normalised(g, bn, pointwise, x, prefix + 3, twin.in(), Transform.BN);
    return g.residual(x, twin.residual() ? input : null, name, 0, 0, null);
  }
}
