package org.pixelwake.engine.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Operation;

/// Places every intermediate of a graph in one arena by its lifetime: largest first, each at the
/// lowest offset that is free while it lives. Deterministic.
public final class MemoryPlan {
  /// Alignment of every placement, in bytes.
  public static final long ALIGNMENT = 256;

  /// A range of the arena over a range of operations.
  ///
  /// @param first index of the operation that writes it
  /// @param last index of the last operation that touches it
  public record Placement(String name, int first, int last, long offset, long bytes) {
    boolean overlapsInTime(Placement other) {
      return first <= other.last && other.first <= last;
    }
  }

  /// What a tensor holds from the operation that writes it to the last that reads it. Written
  /// again, it begins another life, which may lie elsewhere.
  private static final class Life {
    final Tensor tensor;
    final int first;
    int last;

    /// Whose memory this life takes over; itself where it has its own.
    Life root = this;

    /// The last operation that touches this life's memory, whoever has taken it over.
    int end;

    /// Of a root's memory in the arena.
    long offset;

    Life(Tensor tensor, int first) {
      this.tensor = tensor;
      this.first = first;
      this.last = first;
    }
  }

  private final List<Placement> placements;
  private final Map<Tensor, List<Life>> lives = new HashMap<>();
  private final long[] workspaces;
  private final long arenaBytes;

  private MemoryPlan(List<Operation> operations, long[] workspaceBytes) {
    List<Life> all = lives(operations);
    List<Life> roots = takeOver(operations, all);
    List<Placement> needs = new ArrayList<>();
    for (Life life : roots) {
      long bytes = align(life.tensor.bytes());
      needs.add(new Placement(life.tensor.name(), life.first, life.end, 0, bytes));
    }
    for (int i = 0; i < operations.size(); i++) {
      if (workspaceBytes[i] > 0) {
        String name = operations.get(i).family() + " workspace";
        needs.add(new Placement(name, i, i, 0, align(workspaceBytes[i])));
      }
    }
    Placement[] placed = place(needs);
    placements = List.of(placed);
    arenaBytes = placements.stream().mapToLong(p -> p.offset + p.bytes).max().orElse(0);
    for (int i = 0; i < roots.size(); i++) {
      roots.get(i).offset = placed[i].offset();
    }
    for (Life life : all) {
      lives.computeIfAbsent(life.tensor, t -> new ArrayList<>()).add(life);
    }
    workspaces = new long[operations.size()];
    int next = roots.size();
    for (int i = 0; i < operations.size(); i++) {
      workspaces[i] = workspaceBytes[i] > 0 ? placed[next++].offset() : -1;
    }
  }

  /// Plans a graph, given the workspace of each operation.
  public static MemoryPlan of(List<Operation> operations, long[] workspaceBytes) {
    return new MemoryPlan(operations, workspaceBytes);
  }

  private static long align(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  // All lives of intermediates, in the order of their first use, so that the plan is deterministic.
  private static List<Life> lives(List<Operation> operations) {
    List<Life> all = new ArrayList<>();
    Map<Tensor, Life> current = new HashMap<>();
    Map<Tensor, Operation> writers = new HashMap<>();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      for (Tensor input : operation.inputs()) {
        if (input.role() == Tensor.Role.INTERMEDIATE) {
          Life life = current.get(input);
          if (life == null) {
            throw new IllegalStateException(
                input + " is read by " + operation.family() + " before it is written");
          }
          life.last = i;
        }
      }
      for (Tensor output : operation.outputs()) {
        if (output.role() == Tensor.Role.INTERMEDIATE) {
          Operation earlier = writers.putIfAbsent(output, operation);
          if (earlier != null && !operation.repeats(earlier)) {
            throw new IllegalStateException(output + " is written twice");
          }
          Life life = new Life(output, i);
          current.put(output, life);
          all.add(life);
        }
      }
    }
    return all;
  }

  // Lets outputs take over the memory of inputs that nobody reads later, which prolongs those lives
  // instead, and returns the lives that need memory of their own.
  private static List<Life> takeOver(List<Operation> operations, List<Life> all) {
    List<Life> roots = new ArrayList<>();
    Map<Tensor, Life> current = new HashMap<>();
    for (Life life : all) {
      Operation operation = operations.get(life.first);
      Tensor input = operation.inPlace(life.tensor);
      Life host = input == null ? null : current.get(input);
      if (host != null
          && host.last == life.first
          // Read in another place too, it must not change while the operation runs.
          && Collections.frequency(operation.inputs(), host.tensor) == 1
          && host.tensor.bytes() == life.tensor.bytes()) {
        life.root = host.root;
      } else {
        roots.add(life);
      }
      current.put(life.tensor, life);
    }
    for (Life life : all) {
      life.root.end = Math.max(life.root.end, life.last);
    }
    return roots;
  }

  // Gives everything its offset; the order is kept.
  private static Placement[] place(List<Placement> needs) {
    Placement[] placed = new Placement[needs.size()];
    List<Placement> done = new ArrayList<>();
    // Largest first, and stable.
    int[] order =
        IntStream.range(0, placed.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> -needs.get(i).bytes))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int index : order) {
      Placement need = needs.get(index);
      long offset = 0;
      // `done` is sorted by offset, so the first gap wide enough is found in one walk.
      for (Placement other : done) {
        if (!need.overlapsInTime(other)) {
          continue;
        }
        if (other.offset >= offset + need.bytes) {
          break;
        }
        offset = Math.max(offset, other.offset + other.bytes);
      }
      placed[index] = new Placement(need.name, need.first, need.last, offset, need.bytes);
      int at = 0;
      while (at < done.size() && done.get(at).offset <= offset) {
        at++;
      }
      done.add(at, placed[index]);
    }
    return placed;
  }

  /// Size of the arena.
  public long arenaBytes() {
    return arenaBytes;
  }

  /// What all intermediates would take without sharing memory.
  public long naiveBytes() {
    return placements.stream().mapToLong(Placement::bytes).sum();
  }

  /// Every placement: tensors in the order of their first use, then workspaces.
  public List<Placement> placements() {
    return placements;
  }

  /// Where an operation finds or puts a tensor.
  public long offset(Tensor tensor, int operation) {
    for (Life life : lives.getOrDefault(tensor, List.of())) {
      if (life.first <= operation && operation <= life.last) {
        return life.root.offset;
      }
    }
    throw new IllegalStateException(tensor + " has no place at operation " + operation);
  }

  public long workspaceOffset(int operation) {
    return workspaces[operation];
  }

  /// One line for people.
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%.1f MiB of intermediates (%.1f MiB without sharing)",
        arenaBytes / 1048576.0,
        naiveBytes() / 1048576.0);
  }
}
