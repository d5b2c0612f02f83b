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
import org.pixelwake.network.Layer.Spec;
import org.pixelwake.network.Layer.Start;

/// [Architecture#SMALL_CNN], traced into a [Graph]. Parameters are named as torchvision would name
/// them: `features.0` the first convolution with its batch norm, `features.S.0` and `features.S.1`
/// the depthwise and the 1x1 convolution of stage S with theirs.
final class SmallCnn {
  private SmallCnn() {}

  static void specs(Architecture a, Consumer<Spec> sink) {
    Start start = Start.KAIMING_FAN_OUT;
    Layer.normalised("features.0", start, new int[] {a.stem(), 3, 3, 3}, a.stem(), sink);
    for (int s = 0; s < a.stages().size(); s++) {
      Block b = a.stages().get(s).getFirst();
      String prefix = "features." + (s + 1) + ".";
      int[] depthwise = {b.in(), 1, b.kernel(), b.kernel()};
      Layer.normalised(prefix + 0, start, depthwise, b.in(), sink);
      Layer.normalised(prefix + 1, start, new int[] {b.out(), b.in(), 1, 1}, b.out(), sink);
    }
  }

  /// Traces it and returns the output of each stage, `features.0` first.
  ///
  /// @param image (n, side, side, 3), of any side
  static List<View> features(Graph g, Architecture a, Tensor image) {
    BatchNorm.Attributes bn = new BatchNorm.Attributes(a.eps(), a.momentum());
    Transform silu = Transform.BN_SILU;
    List<View> outputs = new ArrayList<>();
    View x =
        EfficientNet.normalised(
            g, bn, EfficientNet.STEM, View.of(image), "features.0", a.stem(), silu);
    outputs.add(x);
    for (int s = 0; s < a.stages().size(); s++) {
      Block b = a.stages().get(s).getFirst();
      String prefix = "features." + (s + 1) + ".";
      Convolution.Attributes depthwise =
          new Convolution.Attributes(Family.DEPTHWISE, b.kernel(), b.stride(), false);
      x = EfficientNet.normalised(g, bn, depthwise, x, prefix + 0, b.in(), silu);
      x = EfficientNet.normalised(g, bn, EfficientNet.POINTWISE, x, prefix + 1, b.out(), silu);
      outputs.add(x);
    }
    return outputs;
  }
}
