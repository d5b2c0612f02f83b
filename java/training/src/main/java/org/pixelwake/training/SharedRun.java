package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongToIntFunction;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;

/// What a training sees to where several processes share its steps: which part of a batch is whose,
/// that all are at the same step of the same run, and that a step which does not come to its end
/// leaves nothing behind. Of one process alone it asks nothing.
///
/// Parameters change only behind the last exchange of a step, but running statistics before: rank
/// 0, which writes the checkpoints, keeps them, and closing puts them back.
final class SharedRun implements AutoCloseable {
  private final Group group;
  private final ParameterStore store;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment statistics;
  private boolean kept;

  SharedRun(Group group, ParameterStore store) {
    this.group = group;
    this.store = store;
    statistics = arena.allocate(Math.max(4L, 4L * store.elements(Slab.STATE)), 64);
  }

  /// This process's part of the next batch.
  ///
  /// @param batch clusters of all processes
  /// @param step steps done
  /// @param order row of each cluster of a run, from its first batch on
  int[] rows(int batch, long step, LongToIntFunction order) {
    int[] rows = new int[group.share(batch)];
    long first = step * batch + (long) group.rank() * rows.length;
    Arrays.setAll(rows, i -> order.applyAsInt(first + i));
    return rows;
  }

  void begin() {
    if (group.size() > 1 && group.leads()) {
      store.download(Slab.STATE, statistics);
      kept = true;
    }
  }

  void end() {
    kept = false;
  }

  /// Makes sure that all processes are at the same step of the same run with the same parameters:
  /// what goes apart is noticed before it is written anywhere.
  ///
  /// @param train rows that are trained on
  /// @throws GroupException in all processes where they are not
  void checkSame(RunConfig config, int[] train, long step) {
    if (group.size() == 1) {
      return;
    }
    group.same(
        31L * config.toJson().hashCode() + Arrays.hashCode(train),
        "the run (settings or data set)",
        "Give all processes the same command and the same files");
    group.same(
        31 * step + store.digest(),
        "the state after step " + step,
        "Use processors of one kind and the same build everywhere, and go on from the last"
            + " checkpoint with --resume");
  }

  /// What is to be thrown where the group broke up: rank 0 writes a checkpoint of the last complete
  /// step, unless the processes have gone apart.
  static GroupException broken(GroupException e, Group group, long step, Runnable checkpoint) {
    if (!group.leads() || e.kind() == GroupException.Kind.DIFFERENT) {
      return e;
    }
    checkpoint.run();
    return e.and("a checkpoint after step " + step + " is written, --resume goes on from it");
  }

  @Override
  public void close() {
    if (kept) {
      store.upload(statistics, Slab.STATE);
    }
    arena.close();
  }
}
