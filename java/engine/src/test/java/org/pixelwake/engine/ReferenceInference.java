package org.pixelwake.engine;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.InferenceCases.Folded;
import org.pixelwake.engine.op.Inference;
import org.pixelwake.engine.op.Inference.Activation;
import org.pixelwake.engine.op.Operation;

/// The inference path. Values are rounded where `kernels.h` says that they are stored.
final class ReferenceInference implements FamilyReference {
  ReferenceInference() {}

  @Override
  public Set<String> names() {
    return Set.of("inference");
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    return InferenceCases.operation(spec, draw);
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Inference.Dense op -> dense(op, v);
      case Inference.Pointwise op -> pointwise(op, v, rounds);
      case Inference.Block op -> block(op, v, rounds);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  private record Image(int n, int h, int w, int c, double[] values) {
    static Image of(Tensor tensor, double[] values) {
      return new Image(tensor.dim(0), tensor.dim(1), tensor.dim(2), tensor.dim(3), values);
    }

    Image rounded(Storage storage) {
      double[] all = new double[values.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = TensorValues.round(values[i], storage);
      }
      return new Image(n, h, w, c, all);
    }

    // Mean over the sites of each image.
    Image means(@Nullable Tensor sites, TensorValues v) {
      double[] means = new double[n * c];
      int pixels = h * w;
      SiteValues taken = SiteValues.of(sites, n, pixels, v);
      for (int i = 0; i < values.length; i++) {
        means[i / (pixels * c) * c + i % c] += values[i] * taken.share(i / c);
      }
      return new Image(n, 1, 1, c, means);
    }

    // Times the gate of each image and channel.
    Image gated(Image gate) {
      double[] all = new double[values.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = values[i] * gate.values[i / (h * w * c) * c + i % c];
      }
      return new Image(n, h, w, c, all);
    }
  }

  static void dense(Inference.Dense op, TensorValues v) {
    Image x = Image.of(op.x(), v.get(op.x()));
    Folded folded = folded(op.packed(), v);
    v.put(op.y(), convolution(x, folded, false, op.stride(), op.activation(), false).values);
  }

  static void pointwise(Inference.Pointwise op, TensorValues v, boolean rounds) {
    Image x = Image.of(op.x(), v.get(op.x()));
    Image y = convolution(x, folded(op.packed(), v), false, 1, op.activation(), rounds);
    v.put(op.y(), y.values);
    if (op.mean() != null) {
      v.put(op.mean(), y.rounded(op.y().storage()).means(op.sites(), v).values);
    }
  }

  static void block(Inference.Block op, TensorValues v, boolean rounds) {
    Storage storage = op.x().storage();
    Inference.BlockWeights w = op.weights();
    Image x = Image.of(op.x(), v.get(op.x()));
    Image inner =
        w.expand() == null
            ? x
            : convolution(x, folded(w.expand(), v), false, 1, Activation.SILU, rounds);
    int stride = op.block().stride();
    Image a = convolution(inner, folded(w.depthwise(), v), true, stride, Activation.SILU, false);
    Image mean = a.means(op.sites(), v).rounded(storage);
    Image hidden =
        convolution(mean, folded(w.squeeze(), v), false, 1, Activation.SILU, rounds)
            .rounded(storage);
    Image gate =
        convolution(hidden, folded(w.excite(), v), false, 1, Activation.SIGMOID, rounds)
            .rounded(storage);
    Image gated = a.rounded(storage).gated(gate).rounded(storage);
    double[] y =
        convolution(gated, folded(w.project(), v), false, 1, Activation.LINEAR, rounds).values;
    if (op.block().residual()) {
      for (int i = 0; i < y.length; i++) {
        y[i] += x.values[i];
      }
    }
    v.put(op.y(), y);
  }

  private static Folded folded(Tensor packed, TensorValues v) {
    return (Folded) v.raw(packed);
  }

  private static Image convolution(
      Image x, Folded folded, boolean depthwise, int stride, Activation then, boolean rounds) {
    Inference.Weights shape = folded.shape();
    int k = shape.kernel();
    int pad = (k - 1) / 2;
    int h = Math.ceilDiv(x.h, stride);
    int w = Math.ceilDiv(x.w, stride);
    Storage operands = rounds ? shape.storage() : Storage.F32;
    double[] y = new double[x.n * h * w * shape.out()];
    for (int at = 0; at < y.length; at++) {
      int o = at % shape.out();
      int column = at / shape.out() % w;
      int row = at / shape.out() / w % h;
      int n = at / shape.out() / w / h;
      double sum = folded.bias()[o];
      for (int i = 0; i < k * k; i++) {
        int from = row * stride + i / k - pad;
        int across = column * stride + i % k - pad;
        if (from < 0 || from >= x.h || across < 0 || across >= x.w) {
          continue;
        }
        int pixel = ((n * x.h + from) * x.w + across) * x.c;
        for (int c = 0; c < shape.in(); c++) {
          double weight = folded.weight()[(o * shape.in() + c) * k * k + i];
          sum += TensorValues.round(weight, operands) * x.values[pixel + (depthwise ? o : c)];
        }
      }
      y[at] = activated(sum, then);
    }
    return new Image(x.n, h, w, shape.out(), y);
  }

  private static double activated(double z, Activation activation) {
    return switch (activation) {
      case LINEAR -> z;
      case SILU -> Reference.silu(z);
      case SIGMOID -> Reference.sigmoid(z);
    };
  }
}
