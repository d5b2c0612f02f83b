package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;

/// Does simulations beside each other and says how far they are.
final class Runner implements AutoCloseable {
  private final double effort;
  private final Progress progress;
  private final ExecutorService pool;
  private long done;

  /// @param effort particles over those of a full validation
  Runner(int threads, double effort, Progress progress) {
    this.effort = effort;
    this.progress = progress;
    this.pool = Executors.newFixedThreadPool(threads);
  }

  /// Particles to simulate where a full validation takes so many.
  int particles(int full) {
    return (int) Math.ceil(full * effort);
  }

  /// Does the same with each of several cases; the answers come in their order.
  ///
  /// @param what a word or two for the progress
  <T> List<T> each(String what, int cases, IntFunction<T> simulation) {
    List<Future<T>> futures =
        IntStream.range(0, cases).mapToObj(i -> pool.submit(() -> simulation.apply(i))).toList();
    List<T> answers = new ArrayList<>();
    for (Future<T> future : futures) {
      answers.add(take(future));
      step(what);
    }
    return answers;
  }

  /// Does the same with each of several cases; the numbers come in their order.
  double[] numbers(String what, int cases, IntToDoubleFunction simulation) {
    return each(what, cases, simulation::applyAsDouble).stream().mapToDouble(d -> d).toArray();
  }

  /// Says that one more piece of work is done.
  void step(String what) {
    progress.update(++done, -1, "simulations", what);
  }

  private static <T> T take(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the validation was interrupted", e);
    } catch (ExecutionException e) {
      // What a reader says of a file is for the user.
      if (e.getCause() instanceof InputException told) {
        throw told;
      }
      throw new IllegalStateException("a simulation failed", e.getCause());
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
    pool.close();
  }
}
