package org.pixelwake.benchmarks;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.parameter_iterator;
import org.bytedeco.pytorch.parameter_list;

/// A scripted autoencoder under training in libtorch: one batch, one step after another.
final class LibtorchTrainer {
  private static final int IMAGE_CHANNELS = 3;
  private static final int CLUSTER_LOGIT = 3;
  private static final int THRESHOLD_LOGIT = 4;

  private final JitModule model;
  private final Tensor batch;
  private final LibtorchOptimizer optimizer;

  /// @param images channels first, `count` of them
  LibtorchTrainer(
      String modelFile, float[] images, int count, int side, MemoryFormat format, boolean fused) {
    model = torch.load(modelFile);
    model.train();
    TensorVector parameters = parameters(model, format);
    batch = torch.tensor(images).view(count, IMAGE_CHANNELS, side, side).contiguous(format);
    optimizer = fused ? new FusedAdamW(parameters) : new PlainAdamW(parameters);
  }

  /// One step: forward, loss, backward, AdamW. Answers the loss, which is that before the update.
  double step() {
    try (PointerScope _ = new PointerScope()) {
      Tensor output = model.forward(new IValueVector(new IValue(batch))).toTensor();
      Tensor loss = loss(output, batch);
      loss.backward();
      optimizer.step();
      return loss.item_float();
    }
  }

  /// Plain sum of the mean squared error of the image and the cross entropies of both masks.
  private static Tensor loss(Tensor output, Tensor target) {
    Tensor image = torch.mse_loss(output.narrow(1, 0, IMAGE_CHANNELS), target);
    Tensor hit = target.select(1, 0).gt(new Scalar(0)).to(ScalarType.Float);
    Tensor cluster = torch.binary_cross_entropy_with_logits(output.select(1, CLUSTER_LOGIT), hit);
    Tensor threshold =
        torch.binary_cross_entropy_with_logits(
            output.select(1, THRESHOLD_LOGIT), target.select(1, 2));
    return image.add(cluster).add(threshold);
  }

  private static TensorVector parameters(JitModule model, MemoryFormat format) {
    TensorVector parameters = new TensorVector();
    parameter_list list = model.parameters();
    parameter_iterator end = list.end();
    for (parameter_iterator i = list.begin(); i.notEquals(end); i.increment()) {
      Tensor parameter = i.multiply();
      if (parameter.dim() == 4) {
        parameter.set_data(parameter.detach().contiguous(format));
      }
      parameter.set_requires_grad(true);
      parameters.push_back(parameter);
    }
    return parameters;
  }
}
