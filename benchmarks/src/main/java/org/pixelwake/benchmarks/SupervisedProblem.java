package org.pixelwake.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Loss;

/// The loss of a head for classes and values with the gradient of its output.
final class SupervisedProblem extends Problem {
  private static final float DELTA = 0.7f;
  private static final float CLASS_PART = 0.8f;
  private static final float VALUE_PART = 1.5f;
  private static final int NO_LABEL = -1;
  // PyTorch's numbers of the reductions.
  private static final int MEAN = 1;
  private static final int SUM = 2;

  private final int images;
  private final int classes;
  private final int targets;
  private final float smoothing;
  private final MemorySegment labels;

  /// A sixth of the images is without a label.
  SupervisedProblem(Spec spec) {
    super(spec);
    images = spec.number("n");
    classes = spec.number("c");
    targets = spec.number("t");
    smoothing = spec.real("smooth", 0);
    parameter("output", -3, 3, images, classes + targets);
    parameter("values", -1, 1, images, targets);
    parameter("weights", 0.2, 2, classes);
    labels = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, images);
    float[] numbers = new float[images];
    for (int i = 0; i < images; i++) {
      int label = i % 6 == 5 ? NO_LABEL : random().nextInt(classes);
      labels.setAtIndex(ValueLayout.JAVA_INT, i, label);
      numbers[i] = label;
    }
    put("labels", false, numbers, images);
  }

  @Override
  List<String> learned() {
    return List.of("output");
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    org.pixelwake.engine.Tensor losses = calls.out("losses", 3);
    calls.result("y", losses, 0, 1);
    calls.add(
        new Loss.Supervised(
            new Loss.Supervision(
                classes, targets, smoothing, DELTA, CLASS_PART, VALUE_PART, 1f / images),
            calls.in("output"),
            calls.raw("labels", Storage.F32, labels),
            calls.in("values"),
            calls.in("weights"),
            calls.result("doutput", images, classes + targets),
            losses,
            calls.scratch("columns", images, Loss.SUPERVISED_COLUMNS)));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    Tensor output = Objects.requireNonNull(in.get("output"));
    Tensor entropy =
        torch.cross_entropy_loss(
            output.narrow(1, 0, classes),
            Objects.requireNonNull(in.get("labels")).to(ScalarType.Long),
            new TensorOptional(in.get("weights")),
            SUM,
            NO_LABEL,
            smoothing);
    Tensor huber =
        torch.huber_loss(
            output.narrow(1, classes, targets),
            Objects.requireNonNull(in.get("values")),
            MEAN,
            DELTA);
    return torch.add(
        torch.multiply(entropy, new Scalar(CLASS_PART / (double) images)),
        torch.multiply(huber, new Scalar((double) VALUE_PART)));
  }
}
