package org.pixelwake.engine.group;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// The processes that `mpirun` started. To be used by the thread that opened it.
///
/// Nobody waits inside MPI: exchanges are started, and asked after until they are done, so that a
/// process notices that it is to stop, or that the others do not answer.
public final class MpiGroup implements Group {
  /// Looks on while this process waits for the others.
  @FunctionalInterface
  public interface Watch {
    /// Called before each exchange and again and again while it lasts.
    ///
    /// @param waited since this exchange began
    /// @throws GroupException to give up
    void waiting(Duration waited);
  }

  /// What is known of MPI, for `pixelwake doctor`.
  ///
  /// @param detail library and version where it is usable, else why it is not
  public record Availability(boolean usable, String detail) {}

  // How long to ask without a pause (a step has hundreds of exchanges of some microseconds), and
  // then leaving the processor to others, who may be those that are waited for.
  private static final int SPINS = 200;
  private static final int YIELDS = 2000;
  private static final long SHORTEST_PAUSE = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(2);

  /// What the others wait longer than rank 0, which has a checkpoint to write before it ends them.
  private static final Duration FIRST_WORD = Duration.ofMinutes(1);

  private static @Nullable MpiGroup current;

  private final MpiLibrary library;
  private final Duration patience;
  private final MethodHandle test;
  private final MemorySegment done = Arena.global().allocate(ValueLayout.JAVA_INT);
  private final int rank;
  private final int size;
  private final int localRank;
  private final int processors;
  private Watch watch = waited -> {};

  // Held, not read: MPI may still write to them, even when the exchange was given up.
  @SuppressWarnings("UnusedVariable")
  private MemorySegment @Nullable [] busy;

  private MpiGroup(MpiLibrary library, Duration patience) {
    this.library = library;
    this.test = library.handle("pw_mpi_test");
    MemorySegment place = Arena.global().allocate(ValueLayout.JAVA_INT, 5);
    library.check("pw_mpi_init", place);
    rank = place.getAtIndex(ValueLayout.JAVA_INT, 0);
    size = place.getAtIndex(ValueLayout.JAVA_INT, 1);
    localRank = place.getAtIndex(ValueLayout.JAVA_INT, 2);
    processors = place.getAtIndex(ValueLayout.JAVA_INT, 4);
    this.patience = rank == 0 ? patience : patience.plus(FIRST_WORD);
  }

  /// Whether training over several processes is possible, or why not. Joins nothing.
  public static Availability probe() {
    try {
      MpiLibrary library = MpiLibrary.load();
      return new Availability(true, library.version() + ", " + library.file());
    } catch (UnsatisfiedLinkError | IllegalArgumentException e) {
      return new Availability(false, String.valueOf(e.getMessage()));
    }
  }

  /// Joins the others; once in the life of a process.
  ///
  /// @param patience how long rank 0 waits for the others in an exchange; they wait a minute longer
  /// @throws InputException where there is no MPI
  public static MpiGroup open(Duration patience) {
    MpiLibrary library;
    try {
      library = MpiLibrary.load();
    } catch (UnsatisfiedLinkError | IllegalArgumentException e) {
      throw new InputException(
          "--mpi",
          "MPI cannot be used: " + e.getMessage(),
          "Install an MPI with its headers (Debian: libopenmpi-dev openmpi-bin) and build again",
          e);
    }
    MpiGroup group = new MpiGroup(library, patience);
    current = group;
    return group;
  }

  /// Who looks on while this process waits.
  public void watch(Watch watching) {
    watch = watching;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  /// Number among the processes of this machine, from 0.
  public int localRank() {
    return localRank;
  }

  /// This process's share of the machine's processors, at least 1.
  public int processors() {
    return processors;
  }

  @Override
  public void allGather(MemorySegment own, MemorySegment all) {
    expect(all.byteSize() == size * own.byteSize());
    exchange("pw_mpi_allgather", own, all, own.byteSize());
  }

  @Override
  public void allToAll(MemorySegment parts, MemorySegment received) {
    expect(parts.byteSize() % size == 0 && received.byteSize() == parts.byteSize());
    exchange("pw_mpi_alltoall", parts, received, parts.byteSize() / size);
  }

  private void exchange(String function, MemorySegment from, MemorySegment to, long bytes) {
    watch.waiting(Duration.ZERO);
    busy = new MemorySegment[] {from, to};
    library.check(function, from, to, bytes);
    await(patience);
  }

  private static void expect(boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException("the parts do not make up the whole");
    }
  }

  @Override
  public void barrier() {
    library.check("pw_mpi_barrier");
    await(null);
  }

  // The scheduler decides when, not what.
  @SuppressWarnings("ThreadPriorityCheck")
  private void await(@Nullable Duration limit) {
    long start = System.nanoTime();
    for (int asked = 0; !isDone(); asked++) {
      if (asked < SPINS) {
        Thread.onSpinWait();
        continue;
      }
      if (asked < SPINS + YIELDS) {
        Thread.yield();
        continue;
      }
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      watch.waiting(waited);
      if (limit != null && waited.compareTo(limit) > 0) {
        throw new GroupException(
            GroupException.Kind.LOST,
            "another process has not answered rank " + rank + " for " + limit.toSeconds() + " s",
            "See whether all of them live, or give them more time with --mpi-timeout");
      }
      LockSupport.parkNanos(Math.clamp(waited.toNanos() / 10, SHORTEST_PAUSE, LONGEST_PAUSE));
    }
    busy = null;
  }

  private boolean isDone() {
    int status;
    try {
      status = (int) test.invokeExact(done);
    } catch (Throwable e) {
      throw new IllegalStateException("pw_mpi_test", e);
    }
    if (status != 0) {
      throw library.failure();
    }
    return done.get(ValueLayout.JAVA_INT, 0) != 0;
  }

  /// Leaves the group, together with all others. Where something went wrong it is not left but
  /// [#abort] ends them all.
  public void finish() {
    // Rank 0 may still have a report to write, which nobody is to disturb.
    watch = waited -> {};
    barrier();
    library.check("pw_mpi_finalize");
    current = null;
  }

  /// Ends all processes where this one has joined others and not left them in good order: they
  /// would wait for it. To be called when everything is said and written.
  ///
  /// @param code exit code; becomes that of `mpirun` where it hands one on
  public static void abort(int code) {
    MpiGroup group = current;
    if (group != null && group.size > 1) {
      group.library.abort(code);
    }
  }

  @Override
  public String toString() {
    return "rank " + rank + " of " + size;
  }
}
