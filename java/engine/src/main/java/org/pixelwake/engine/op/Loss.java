package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// The losses of the autoencoders' heads, over images and over hits, and that of a head for classes
/// and values, each with its gradient in the same call.
public final class Loss {
  private Loss() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    /// The output of the network that the loss judges.
    Tensor output();

    /// Receives the gradient of the total; null: not wanted.
    @Nullable Tensor doutput();

    /// Receives the losses of the batch, the total first.
    Tensor losses();

    /// Receives the figures of each image.
    Tensor columns();

    @Override
    default List<Tensor> outputs() {
      return Operation.present(doutput(), losses(), columns());
    }

    @Override
    default void backward(Gradients g) {
      Tensor gradient = doutput();
      if (gradient != null) {
        g.contribute(output(), gradient);
      }
    }

    @Override
    default String family() {
      return "loss";
    }
  }

  static final StructLayout AUTOENCODER =
      Symbol.struct(
          "pw_autoencoder_loss",
          Symbol.fields(I32, "n h w storage"),
          Symbol.fields(
              F32, "image_weight cluster_weight threshold_weight hit_weight empty_weight"),
          Symbol.fields(F32, "mask_hit_weight mask_empty_weight bce_weight dice_weight"),
          Symbol.fields(I32, "global"));
  static final StructLayout SUPERVISED =
      Symbol.struct(
          "pw_supervised_loss",
          Symbol.fields(I32, "n classes targets"),
          Symbol.fields(F32, "label_smoothing huber_delta class_part value_part scale"));
  static final StructLayout HITS =
      Symbol.struct(
          "pw_hits_loss",
          Symbol.fields(I32, "n capacity"),
          Symbol.fields(F32, "image_weight cluster_weight threshold_weight huber_delta"),
          Symbol.fields(I32, "global"));

  /// Columns of the per-image figures, as `kernels.h` lists them.
  public static final int COLUMNS = 12;

  /// Columns of [Supervised]'s per-image figures: class loss, value loss, 1 where the label has the
  /// largest logit, softmax of the label.
  public static final int SUPERVISED_COLUMNS = 4;

  /// Numbers that an autoencoder says of a hit: energy and time, logits of the nine places around
  /// it, logit of its energy being above the threshold.
  public static final int HIT_HEADS = 12;

  /// Columns of [OfHits]'s figures of each cluster: image, cluster and threshold loss.
  public static final int HIT_COLUMNS = 3;

  static final Symbol WORKSPACE = Symbol.of("pw_autoencoder_loss_workspace", I64, PTR, PTR);
  static final Symbol FORWARD = Symbol.kernel("pw_autoencoder_loss_forward", 8);
  static final Symbol OF_LABELS = Symbol.kernel("pw_supervised_loss_forward", 9);
  static final Symbol OF_HITS = Symbol.kernel("pw_hits_loss_forward", 8);

  /// Weights of the loss; formulas in `kernels.h`.
  ///
  /// @param image weight of the image's squared error in the total
  /// @param cluster weight of the cluster mask's loss
  /// @param threshold weight of the threshold mask's loss
  /// @param hit weight of a pixel inside the cluster in the squared error
  /// @param empty weight of a pixel outside it
  /// @param maskHit weight of a positive pixel in the cross-entropy
  /// @param maskEmpty weight of a negative one
  /// @param bce weight of the cross-entropy in a mask's loss
  /// @param dice weight of soft Dice in it
  public record Weights(
      float image,
      float cluster,
      float threshold,
      float hit,
      float empty,
      float maskHit,
      float maskEmpty,
      float bce,
      float dice) {
    /// The plain loss of the reference: mean squared error and cross-entropy over all pixels.
    public static final Weights PLAIN = new Weights(1, 1, 1, 1, 1, 1, 1, 1, 0);
  }

  /// losses (4): total, image, cluster, threshold; columns (n, 12); `doutput`, where wanted, the
  /// gradient of the total.
  ///
  /// @param global images of all processes that share the batch: losses and gradients of these
  ///   images are divided by it, so that those of all processes add up to the batch's; 0: the n
  ///   images here are all
  public record Autoencoder(
      Weights weights,
      int global,
      Tensor output,
      Tensor target,
      @Nullable Tensor doutput,
      Tensor losses,
      Tensor columns)
      implements Op {
    /// The loss of a batch that one process has.
    public Autoencoder(
        Weights weights,
        Tensor output,
        Tensor target,
        @Nullable Tensor doutput,
        Tensor losses,
        Tensor columns) {
      this(weights, 0, output, target, doutput, losses, columns);
    }

    @Override
    public String shape() {
      return output.dim(1) + "x" + output.dim(2);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(output, target);
    }

    // A sigmoid for each of the two masks.
    @Override
    public long activations() {
      return 2L * output.dim(0) * output.dim(1) * output.dim(2);
    }

    private MemorySegment descriptor(Launch l) {
      return l.struct(
          AUTOENCODER,
          output.dim(0),
          output.dim(1),
          output.dim(2),
          output.storage().code(),
          weights.image,
          weights.cluster,
          weights.threshold,
          weights.hit,
          weights.empty,
          weights.maskHit,
          weights.maskEmpty,
          weights.bce,
          weights.dice,
          global);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(WORKSPACE, descriptor(l));
    }

    @Override
    public void launch(Launch l) {
      l.call(FORWARD, descriptor(l), output, target, doutput, losses, columns, l.workspace());
    }
  }

  /// What [Supervised] weighs; formulas in `kernels.h`.
  ///
  /// @param classes first columns of the output, logits; may be 0
  /// @param targets the other columns, predicted values; may be 0
  /// @param labelSmoothing share of the label that is spread over all classes, in [0, 1), as
  ///   PyTorch's
  /// @param huberDelta error of a value from which on its loss grows linearly, in its units
  /// @param classPart weight of the class part in the total
  /// @param valuePart weight of the value part
  /// @param scale factor of the sums over images: 1 / n, or 1 / (images of all processes that share
  ///   the batch), so that losses and gradients of all processes add up to the batch's
  public record Supervision(
      int classes,
      int targets,
      float labelSmoothing,
      float huberDelta,
      float classPart,
      float valuePart,
      float scale) {
    /// Columns of the output.
    public int outputs() {
      return classes + targets;
    }
  }

  /// Cross-entropy of classes and Huber loss of values. losses (3): total, classes, values; columns
  /// (n, 4); `doutput`, where wanted, the gradient of the total.
  ///
  /// The class part is PyTorch's cross-entropy summed over images and scaled; it is not divided by
  /// the sum of the batch's class weights, so that it does not matter which images share a batch:
  /// who wants an average gives weights whose mean over the data set is 1.
  ///
  /// @param output (n, classes + targets)
  /// @param labels i32 (n) in a tensor of f32, as the engine only knows its bytes; a number outside
  ///   [0, classes) is no label, which counts nothing; null where there are no classes
  /// @param values (n, targets), NaN is unknown and counts nothing; null where there are no targets
  /// @param classWeights (classes); null: 1
  public record Supervised(
      Supervision attributes,
      Tensor output,
      @Nullable Tensor labels,
      @Nullable Tensor values,
      @Nullable Tensor classWeights,
      @Nullable Tensor doutput,
      Tensor losses,
      Tensor columns)
      implements Op {
    @Override
    public String shape() {
      return attributes.classes + " classes, " + attributes.targets + " values";
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(output, labels, values, classWeights);
    }

    @Override
    public void launch(Launch l) {
      Supervision a = attributes;
      MemorySegment descriptor =
          l.struct(
              SUPERVISED,
              output.dim(0),
              a.classes,
              a.targets,
              a.labelSmoothing,
              a.huberDelta,
              a.classPart,
              a.valuePart,
              a.scale);
      l.call(OF_LABELS, descriptor, output, labels, values, classWeights, doutput, losses, columns);
    }
  }

  /// Weights of [OfHits]; formulas in `kernels.h`.
  ///
  /// @param image weight of the loss of energies and times in the total
  /// @param cluster weight of the loss of the places around hits
  /// @param threshold weight of the loss of the threshold
  /// @param huberDelta error of an energy or time from which on its loss grows linearly
  public record HitWeights(float image, float cluster, float threshold, float huberDelta) {}

  /// Loss of an autoencoder over hits: Huber's of energies and times, cross-entropy of the places
  /// around hits and of the threshold. losses (4): total, image, cluster, threshold; columns (n,
  /// 3); `doutput`, where wanted, the gradient of the total.
  ///
  /// @param global clusters of all processes that share the batch: losses and gradients of these
  ///   clusters are divided by it; 0: the n clusters here are all
  /// @param offsets i32 (n + 1) in a tensor of f32: where the hits of each cluster start
  /// @param output (capacity, 12)
  /// @param target (capacity, 12), NaN is not asked for and counts nothing
  public record OfHits(
      HitWeights weights,
      int global,
      Tensor offsets,
      Tensor output,
      Tensor target,
      @Nullable Tensor doutput,
      Tensor losses,
      Tensor columns)
      implements Op {
    @Override
    public String shape() {
      return "hits";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(offsets, output, target);
    }

    @Override
    public void launch(Launch l) {
      MemorySegment descriptor =
          l.struct(
              HITS,
              offsets.dim(0) - 1,
              output.dim(0),
              weights.image,
              weights.cluster,
              weights.threshold,
              weights.huberDelta,
              global);
      l.call(OF_HITS, descriptor, offsets, output, target, doutput, losses, columns);
    }
  }
}
