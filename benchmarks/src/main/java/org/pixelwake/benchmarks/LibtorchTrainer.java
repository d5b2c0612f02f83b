package org.pixelwake.benchmarks;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// A scripted autoencoder under training in libtorch: one batch, one step after another.
final class LibtorchTrainer {
  private static final int IMAGE_CHANNELS = 3;
  private static final int CLUSTER_LOGIT = 3;
  private static final int THRESHOLD_LOGIT = 4;

  private final JitModule model;
  private final Tensor batch;
  private final LibtorchOptimizer optimizer;
  private final @Nullable Autocast autocast;

  /// @param images channels first, `count` of them
  /// @param autocast computes the forward pass and with it the backward pass in mixed precision
  LibtorchTrainer(
      String modelFile,
      float[] images,
      int count,
      int side,
      Layout layout,
      boolean fused,
      @Nullable Autocast autocast) {
    this.autocast = autocast;
    model = torch.load(modelFile);
    model.train();
    TensorVector parameters = Libtorch.arrange(model, layout);
    for (long i = 0; i < parameters.size(); i++) {
      parameters.get(i).set_requires_grad(true);
    }
    batch =
        torch.tensor(images).view(count, IMAGE_CHANNELS, side, side).contiguous(layout.format());
    optimizer = fused ? new FusedAdamW(parameters) : new PlainAdamW(parameters);
  }

  /// One step: forward, loss, backward, AdamW. Answers the loss, which is that before the update.
  double step() {
    try (PointerScope _ = new PointerScope()) {
      Tensor loss = loss();
      loss.backward();
      optimizer.step();
      return loss.item_float();
    }
  }

  /// As PyTorch advises, autocast covers the forward pass and the loss only.
  private Tensor loss() {
    if (autocast == null) {
      return loss(output(), batch);
    }
    autocast.begin();
    try {
      return loss(output(), batch);
    } finally {
      autocast.end();
    }
  }

  private Tensor output() {
    return model.forward(new IValueVector(new IValue(batch))).toTensor();
  }

  /// Plain sum of the mean squared error of the image and the cross entropies of both masks.
  static Tensor loss(Tensor output, Tensor target) {
    Tensor image = torch.mse_loss(output.narrow(1, 0, IMAGE_CHANNELS), target);
    Tensor hit = target.select(1, 0).gt(new Scalar(0)).to(ScalarType.Float);
    Tensor cluster = torch.binary_cross_entropy_with_logits(output.select(1, CLUSTER_LOGIT), hit);
    Tensor threshold =
        torch.binary_cross_entropy_with_logits(
            output.select(1, THRESHOLD_LOGIT), target.select(1, 2));
    return image.add(cluster).add(threshold);
  }
}
