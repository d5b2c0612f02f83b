package org.pixelwake.training;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;

/// A [Group] of threads in this process, so that what several processes compute is tested where
/// there is no MPI.
final class LocalGroup implements Group {
  private static final long SECONDS = 60;

  // What the threads of one group share.
  private static final class Meeting {
    final CyclicBarrier barrier;
    final MemorySegment[] given;

    Meeting(int size) {
      barrier = new CyclicBarrier(size);
      given = new MemorySegment[size];
    }
  }

  private final Meeting meeting;
  private final int rank;
  private int exchanges;
  private int failing = Integer.MAX_VALUE;

  private LocalGroup(Meeting meeting, int rank) {
    this.meeting = meeting;
    this.rank = rank;
  }

  /// Runs the work of each rank in a thread of its own; what they return, in the order of ranks.
  static <T> List<T> run(int size, Function<LocalGroup, T> work) {
    Meeting meeting = new Meeting(size);
    List<Callable<T>> all = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      LocalGroup group = new LocalGroup(meeting, rank);
      all.add(() -> {
        try {
          return work.apply(group);
        } catch (RuntimeException | Error e) {
          // The others need not wait for this one.
          meeting.barrier.reset();
          throw e;
        }
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(all)) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// From that exchange on, counted from 0 in this rank, nobody answers this rank.
  void failAt(int exchange) {
    failing = exchange;
  }

  /// Exchanges so far.
  int exchanges() {
    return exchanges;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return meeting.given.length;
  }

  @Override
  public void allGather(MemorySegment own, MemorySegment all) {
    long bytes = own.byteSize();
    exchange(own, (from, given) -> all.asSlice(from * bytes, bytes).copyFrom(given));
  }

  @Override
  public void allToAll(MemorySegment parts, MemorySegment received) {
    long bytes = parts.byteSize() / size();
    exchange(
        parts,
        (from, given) ->
            received.asSlice(from * bytes, bytes).copyFrom(given.asSlice(rank * bytes, bytes)));
  }

  private interface Taking {
    void take(int from, MemorySegment given);
  }

  private void exchange(MemorySegment own, Taking taking) {
    if (exchanges++ >= failing) {
      throw new GroupException(GroupException.Kind.LOST, "nobody answers", "Nothing helps");
    }
    // As a copy: the owner may write before the others have read.
    meeting.given[rank] =
        MemorySegment.ofArray(own.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    barrier();
    for (int from = 0; from < size(); from++) {
      taking.take(from, meeting.given[from]);
    }
    barrier();
  }

  @Override
  public void barrier() {
    try {
      meeting.barrier.await(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new GroupException(GroupException.Kind.LOST, "broken: " + e, "Nothing helps");
    }
  }
}
