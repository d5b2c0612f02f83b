package org.pixelwake.engine.group;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.pixelwake.base.InputException;

/// The processes that train one network together, each on its part of every batch; most often just
/// this one.
///
/// All processes make the same calls in the same order. Each call waits for the others; a
/// [GroupException] says that waiting is over and the group of no use any more.
///
/// What is exchanged is combined by every process in the order of ranks, from the same numbers, so
/// that all get the same bits.
public interface Group {
  /// Number of this process, from 0. Rank 0 alone writes files and talks to the user.
  int rank();

  /// How many processes there are.
  int size();

  /// Gathers everybody's bytes.
  ///
  /// @param own native memory, of the same size everywhere
  /// @param all native memory of [#size()] times that, filled in the order of ranks
  void allGather(MemorySegment own, MemorySegment all);

  /// Gives every process its part of everybody's bytes.
  ///
  /// @param parts native memory of [#size()] equal parts, the i-th for rank i
  /// @param received native memory of the same size: the part for this process from each, in the
  ///   order of ranks
  void allToAll(MemorySegment parts, MemorySegment received);

  /// Waits until every process has come here, however long that takes.
  void barrier();

  /// This process alone.
  static Group single() {
    return SingleGroup.INSTANCE;
  }

  /// Whether this process is rank 0.
  default boolean leads() {
    return rank() == 0;
  }

  /// Everybody's number, in the order of ranks.
  default long[] gather(long value) {
    if (size() == 1) {
      return new long[] {value};
    }
    // Not freed before an exchange that was given up.
    Arena arena = Arena.ofAuto();
    MemorySegment own = arena.allocate(8, 64);
    MemorySegment all = arena.allocate(8L * size(), 64);
    own.set(ValueLayout.JAVA_LONG, 0, value);
    allGather(own, all);
    return all.toArray(ValueLayout.JAVA_LONG);
  }

  /// Whether any process says so.
  default boolean any(boolean here) {
    for (long there : gather(here ? 1 : 0)) {
      if (there != 0) {
        return true;
      }
    }
    return false;
  }

  /// Makes sure that a value is the same everywhere.
  ///
  /// @param what it is, and what to do where it differs
  /// @throws GroupException in all processes where it is not
  default void same(long value, String what, String remedy) {
    long[] all = gather(value);
    for (int i = 1; i < all.length; i++) {
      if (all[i] != all[0]) {
        throw new GroupException(
            GroupException.Kind.DIFFERENT, what + " differs between rank 0 and rank " + i, remedy);
      }
    }
  }

  /// This process's part of a batch.
  ///
  /// @throws InputException where the batch cannot be divided into equal parts
  default int share(int batch) {
    if (batch % size() != 0) {
      throw new InputException(
          "--batch " + batch,
          "cannot be shared equally by " + size() + " processes",
          "Give a multiple of " + size());
    }
    return batch / size();
  }
}
