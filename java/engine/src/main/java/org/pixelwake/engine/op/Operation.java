package org.pixelwake.engine.op;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Cost;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.plan.Gradients;

/// One call of a kernel on tensors of a [Graph]: a record for each family and direction, whose
/// shapes and names are stated here and nowhere else.
public sealed interface Operation
    permits BatchNorm.Op,
        Collective,
        Convolution.Op,
        Hits.Op,
        Inference.Op,
        Loss.Op,
        Optimizer.Op,
        PoolLinear.Op,
        Rasterize.Forward,
        Residual.Op,
        SqueezeExcite.Op {

  /// What an operation is for.
  enum Direction {
    /// Computes the network's outputs and its loss.
    FORWARD,
    /// Computes gradients.
    BACKWARD,
    /// Changes the parameters.
    UPDATE;

    /// `forward`, `backward` or `update`.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Family of operations, as the files of the kernels are named.
  String family();

  /// What it is for.
  default Direction direction() {
    return Direction.FORWARD;
  }

  /// Its size for people: rows x columns of the input, then channels and what else distinguishes it
  /// from its like. Without the number of images.
  String shape();

  /// Tensors read.
  List<Tensor> inputs();

  /// Tensors written; each is written by one operation, and by those that repeat it.
  List<Tensor> outputs();

  /// Of the inputs those that are written too.
  default List<Tensor> updated() {
    return List.of();
  }

  /// Arithmetic, as [Cost#flops] counts it.
  default long flops() {
    return 0;
  }

  /// Of [#flops] what [Cost#dotFlops] counts.
  default long dotFlops() {
    return 0;
  }

  /// Elements activated, as [Cost#activations] counts them.
  default long activations() {
    return 0;
  }

  /// What it must move and compute.
  default Cost cost() {
    long bytes = 0;
    for (List<Tensor> tensors : List.of(inputs(), outputs(), updated())) {
      for (Tensor tensor : Set.copyOf(tensors)) {
        bytes += tensor.bytes();
      }
    }
    return new Cost(bytes, flops(), dotFlops(), activations());
  }

  /// An input whose memory the given output may take over when nobody reads the input later, or
  /// null.
  default @Nullable Tensor inPlace(Tensor output) {
    return null;
  }

  /// Whether this operation writes what the earlier one wrote, once more. Every tensor has one
  /// writer otherwise.
  default boolean repeats(Operation earlier) {
    return false;
  }

  /// Bytes of scratch that the kernel needs.
  default long workspace(Launch launch) {
    return 0;
  }

  /// Calls the kernel.
  void launch(Launch launch);

  /// Appends the vector-Jacobian product of this operation to the graph, as further operations.
  default void backward(Gradients gradients) {
    throw new UnsupportedOperationException(getClass() + " has no gradient");
  }

  /// Tensors without the absent ones.
  static List<Tensor> present(@Nullable Tensor... tensors) {
    return Stream.of(tensors).filter(Objects::nonNull).toList();
  }
}
