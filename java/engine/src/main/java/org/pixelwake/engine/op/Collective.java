package org.pixelwake.engine.op;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.plan.Gradients;

/// An operation in which the processes of a [Group] take part together: it changes its tensors in
/// place, everywhere to the same bits. It is no kernel; a [Program] runs it between captured calls.
public sealed interface Collective extends Operation {
  /// What is exchanged, f32.
  List<Tensor> tensors();

  /// Puts together what the processes have.
  ///
  /// @param all native memory: the values of rank 0, of rank 1, ...
  /// @param whole native memory for the values that all of them get; `all` is a multiple of it
  void combine(MemorySegment all, MemorySegment whole);

  /// Whether values are combined one by one, so that each process may do a part of them.
  default boolean divisible() {
    return true;
  }

  @Override
  default String family() {
    return "collective";
  }

  @Override
  default List<Tensor> inputs() {
    return tensors();
  }

  @Override
  default List<Tensor> outputs() {
    return List.of();
  }

  @Override
  default List<Tensor> updated() {
    return tensors();
  }

  @Override
  default void launch(Launch launch) {
    throw new IllegalStateException("no kernel: it runs between captured calls");
  }

  @Override
  default void backward(Gradients gradients) {
    // Statistics have their gradient through the sums of the batch norm's backward pass.
  }

  /// Mean and biased variance (2, c) of each process's part of a batch, all of one size, to those
  /// of the whole batch: the mean of the means; the mean of the variances plus the variance of the
  /// means (Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", eq. 2.1).
  record Statistics(Tensor stats) implements Collective {
    @Override
    public List<Tensor> tensors() {
      return List.of(stats);
    }

    @Override
    public String shape() {
      return "statistics " + stats.dim(1);
    }

    @Override
    public boolean divisible() {
      return false;
    }

    @Override
    public void combine(MemorySegment all, MemorySegment whole) {
      long values = whole.byteSize() / Float.BYTES;
      long channels = values / 2;
      int ranks = Math.toIntExact(all.byteSize() / whole.byteSize());
      for (long c = 0; c < channels; c++) {
        double mean = 0;
        double within = 0;
        for (int r = 0; r < ranks; r++) {
          mean += at(all, r * values + c);
          within += at(all, r * values + channels + c);
        }
        mean /= ranks;
        double between = 0;
        for (int r = 0; r < ranks; r++) {
          double difference = at(all, r * values + c) - mean;
          between += difference * difference;
        }
        whole.setAtIndex(ValueLayout.JAVA_FLOAT, c, (float) mean);
        whole.setAtIndex(
            ValueLayout.JAVA_FLOAT, channels + c, (float) ((within + between) / ranks));
      }
    }
  }

  /// Values of each process to their sums, in double precision and in the order of ranks.
  record Sum(List<Tensor> tensors, Direction direction) implements Collective {
    /// @param tensors what is summed; copied
    public Sum {
      tensors = List.copyOf(tensors);
    }

    @Override
    public String shape() {
      return "sum " + tensors.stream().mapToLong(Tensor::elements).sum();
    }

    @Override
    public void combine(MemorySegment all, MemorySegment whole) {
      long values = whole.byteSize() / Float.BYTES;
      int ranks = Math.toIntExact(all.byteSize() / whole.byteSize());
      for (long i = 0; i < values; i++) {
        double sum = 0;
        for (int r = 0; r < ranks; r++) {
          sum += at(all, r * values + i);
        }
        whole.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) sum);
      }
    }
  }

  private static float at(MemorySegment values, long index) {
    return values.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }
}
