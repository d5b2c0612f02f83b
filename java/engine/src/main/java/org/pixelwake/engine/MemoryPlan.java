package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Places every intermediate of a graph in one arena by its lifetime: largest first, each at the
/// lowest offset that is free while it lives. Deterministic.
public final class MemoryPlan {
  /// Alignment of every placement, in bytes.
  static final long ALIGNMENT = 256;

  /// A range of the arena over a range of operations.
  ///
  /// @param first index of the operation that writes it
  /// @param last index of the last operation that touches it
  public record Placement(String name, int first, int last, long offset, long bytes) {
    boolean overlapsInTime(Placement other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Need(int id, String name, int first, int last, long bytes) {}

  private final List<Placement> placements;
  private final Map<Tensor, Long> offsets = new HashMap<>();
  private final long[] workspaces;
  private final long arenaBytes;

  private MemoryPlan(List<Operation> operations, long[] workspaceBytes) {
    Map<Tensor, Tensor> roots = new HashMap<>();
    Map<Tensor, int[]> lives = lifetimes(operations, roots);
    List<Need> needs = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    lives.forEach((tensor, life) -> {
      tensors.add(tensor);
      needs.add(new Need(needs.size(), tensor.name(), life[0], life[1], align(tensor.bytes())));
    });
    for (int i = 0; i < operations.size(); i++) {
      if (workspaceBytes[i] > 0) {
        String name = operations.get(i).family() + " workspace";
        needs.add(new Need(needs.size(), name, i, i, align(workspaceBytes[i])));
      }
    }
    Placement[] placed = place(needs);
    placements = List.of(placed);
    long end = 0;
    for (Placement placement : placed) {
      end = Math.max(end, placement.offset() + placement.bytes());
    }
    arenaBytes = end;
    for (int i = 0; i < tensors.size(); i++) {
      offsets.put(tensors.get(i), placed[i].offset());
    }
    for (Map.Entry<Tensor, Tensor> alias : roots.entrySet()) {
      offsets.put(alias.getKey(), offset(alias.getValue()));
    }
    workspaces = new long[operations.size()];
    int next = tensors.size();
    for (int i = 0; i < operations.size(); i++) {
      workspaces[i] = workspaceBytes[i] > 0 ? placed[next++].offset() : -1;
    }
  }

  /// Plans a graph, given the workspace of each operation.
  static MemoryPlan of(List<Operation> operations, long[] workspaceBytes) {
    return new MemoryPlan(operations, workspaceBytes);
  }

  private static long align(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  // First and last use of every intermediate. An output that takes over an input's memory extends
  // that input's life instead.
  private static Map<Tensor, int[]> lifetimes(
      List<Operation> operations, Map<Tensor, Tensor> roots) {
    Map<Tensor, Integer> lastRead = new HashMap<>();
    for (int i = 0; i < operations.size(); i++) {
      for (Tensor input : operations.get(i).inputs()) {
        lastRead.put(input, i);
      }
    }
    // In the order of first use, so that the plan is deterministic.
    Map<Tensor, int[]> lives = new LinkedHashMap<>();
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      for (Tensor output : operation.outputs()) {
        if (output.role() != Tensor.Role.INTERMEDIATE) {
          continue;
        }
        int last = Math.max(i, lastRead.getOrDefault(output, i));
        Tensor host = operation.inPlace(output);
        if (host != null
            && host.role() == Tensor.Role.INTERMEDIATE
            && lastRead.getOrDefault(host, -1) == i
            // Read in another place too, it must not change while the operation runs.
            && Collections.frequency(operation.inputs(), host) == 1
            && host.bytes() == output.bytes()) {
          Tensor root = roots.getOrDefault(host, host);
          int[] life = lives.get(root);
          if (life != null) {
            life[1] = Math.max(life[1], last);
            roots.put(output, root);
            continue;
          }
        }
        if (lives.put(output, new int[] {i, last}) != null) {
          throw new IllegalStateException(output + " is written twice");
        }
      }
    }
    for (int i = 0; i < operations.size(); i++) {
      for (Tensor input : operations.get(i).inputs()) {
        if (input.role() == Tensor.Role.INTERMEDIATE) {
          int[] life = lives.get(roots.getOrDefault(input, input));
          if (life == null || life[0] > i) {
            throw new IllegalStateException(
                input + " is read by " + operations.get(i).family() + " before it is written");
          }
        }
      }
    }
    return lives;
  }

  private static Placement[] place(List<Need> needs) {
    List<Need> order = new ArrayList<>(needs);
    order.sort(Comparator.comparingLong((Need n) -> -n.bytes()).thenComparingInt(Need::id));
    Placement[] placed = new Placement[needs.size()];
    List<Placement> done = new ArrayList<>();
    for (Need need : order) {
      Placement candidate = new Placement(need.name(), need.first(), need.last(), 0, need.bytes());
      long offset = 0;
      // `done` is sorted by offset, so the first gap wide enough is found in one walk.
      for (Placement other : done) {
        if (!candidate.overlapsInTime(other)) {
          continue;
        }
        if (other.offset() >= offset + need.bytes()) {
          break;
        }
        offset = Math.max(offset, other.offset() + other.bytes());
      }
      Placement result =
          new Placement(need.name(), need.first(), need.last(), offset, need.bytes());
      placed[need.id()] = result;
      int at = 0;
      while (at < done.size() && done.get(at).offset() <= offset) {
        at++;
      }
      done.add(at, result);
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

  long offset(Tensor tensor) {
    Long offset = offsets.get(tensor);
    if (offset == null) {
      throw new IllegalStateException(tensor + " has no place");
    }
    return offset;
  }

  long workspaceOffset(int operation) {
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
