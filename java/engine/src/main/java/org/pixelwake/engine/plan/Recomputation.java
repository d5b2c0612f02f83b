package org.pixelwake.engine.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Operation;

/// Chooses outputs of convolutions that are not kept for the backward pass but computed again there
/// (Chen et al. 2016, "Training deep nets with sublinear memory cost"), those first that free the
/// most memory for their arithmetic.
///
/// What such a convolution reads is needed by its own backward pass anyway. The values are the same
/// to the last bit.
public final class Recomputation {
  /// An intermediate: indices of the operation that writes it, of its last reader in the forward
  /// pass (the writer, where there is none), and of its first and last readers in the backward pass
  /// (-1, where there is none).
  private static final class Use {
    final Tensor tensor;
    final Operation writer;
    final int written;
    int kept;
    int again = -1;
    int last = -1;

    Use(Tensor tensor, Operation writer, int written) {
      this.tensor = tensor;
      this.writer = writer;
      this.written = written;
      this.kept = written;
    }
  }

  /// An output that could be computed again.
  private record Candidate(Convolution.Forward operation, Use use) {
    double freedPerFlop() {
      return (double) use.tensor.bytes() / operation.flops();
    }
  }

  private final List<Operation> operations;
  private final int forward;

  // In the order of the graph, so that the choice is deterministic.
  private final Map<Tensor, Use> uses = new LinkedHashMap<>();

  /// @param operations forward and backward pass
  /// @param forward how many of them are the forward pass
  public Recomputation(List<Operation> operations, int forward) {
    this.operations = List.copyOf(operations);
    this.forward = forward;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      for (Tensor input : operation.inputs()) {
        Use use = uses.get(input);
        if (use != null && i < forward) {
          use.kept = i;
        } else if (use != null) {
          use.again = use.again < 0 ? i : use.again;
          use.last = i;
        }
      }
      for (Tensor output : operation.outputs()) {
        if (output.role() == Tensor.Role.INTERMEDIATE) {
          uses.put(output, new Use(output, operation, i));
        }
      }
    }
  }

  /// The operations with those that compute again.
  ///
  /// @param share of the arithmetic of all convolutions that may be spent on it, at least 0
  public List<Operation> within(double share) {
    Map<Tensor, Convolution.Forward> missing = dropped(share);
    List<Operation> result = new ArrayList<>(operations.subList(0, forward));
    for (Operation operation : operations.subList(forward, operations.size())) {
      restore(operation, missing, result);
      result.add(operation);
    }
    return result;
  }

  // What is computed again reads other outputs, which may be missing too.
  private static void restore(
      Operation reader, Map<Tensor, Convolution.Forward> missing, List<Operation> result) {
    for (Tensor input : reader.inputs()) {
      Convolution.Forward writer = missing.remove(input);
      if (writer != null) {
        Convolution.Forward again = writer.again();
        restore(again, missing, result);
        result.add(again);
      }
    }
  }

  private Map<Tensor, Convolution.Forward> dropped(double share) {
    long[] live = new long[operations.size()];
    for (Use use : uses.values()) {
      add(live, use.written, Math.max(use.kept, use.last), use.tensor.bytes());
    }
    // A backward pass is two convolutions for each of the forward pass.
    long budget = (long) (3 * share * forwardFlops());
    Map<Tensor, Convolution.Forward> dropped = new HashMap<>();
    for (Candidate candidate : candidates()) {
      Use use = candidate.use();
      long flops = candidate.operation().flops();
      int peak = peak(live);
      if (flops <= budget && use.kept < peak && peak < use.again) {
        budget -= flops;
        dropped.put(use.tensor, candidate.operation());
        add(live, use.kept + 1, use.again - 1, -use.tensor.bytes());
      }
    }
    return dropped;
  }

  private long forwardFlops() {
    return operations.subList(0, forward).stream()
        .mapToLong(o -> o instanceof Convolution.Forward c ? c.flops() : 0)
        .sum();
  }

  private List<Candidate> candidates() {
    List<Candidate> candidates = new ArrayList<>();
    for (Use use : uses.values()) {
      if (use.writer instanceof Convolution.Forward convolution
          && use.tensor == convolution.y()
          && use.written < forward) {
        candidates.add(new Candidate(convolution, use));
      }
    }
    // Stable: in the order of the graph where they are worth the same.
    candidates.sort(Comparator.comparingDouble((Candidate c) -> -c.freedPerFlop()));
    return candidates;
  }

  private static void add(long[] live, int first, int last, long bytes) {
    for (int i = first; i <= last; i++) {
      live[i] += bytes;
    }
  }

  private static int peak(long[] live) {
    return IntStream.range(0, live.length).reduce(0, (most, i) -> live[i] > live[most] ? i : most);
  }
}
