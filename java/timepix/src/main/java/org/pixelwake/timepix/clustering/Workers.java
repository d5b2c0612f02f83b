package org.pixelwake.timepix.clustering;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The threads beside the caller's that work for a stream.
final class Workers implements AutoCloseable {
  private final int threads;
  private final @Nullable ThreadPoolExecutor service;

  /// @param threads threads that work, the caller's included
  Workers(int threads) {
    this.threads = threads;
    this.service =
        threads == 1
            ? null
            : new ThreadPoolExecutor(
                threads - 1,
                threads - 1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("clusterer-", 0).factory());
  }

  /// Threads that work, the caller's included.
  int threads() {
    return threads;
  }

  /// Has a task done by the next worker that is free. A caller that waits for it may run it itself:
  /// a task is done once.
  <T> FutureTask<T> begin(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    if (service != null) {
      service.execute(task);
    }
    return task;
  }

  /// What a task gives, or the exception that it ended with.
  <T> T result(FutureTask<T> task) {
    await(task);
    if (task.state() == Future.State.SUCCESS) {
      return task.resultNow();
    }
    switch (task.exceptionNow()) {
      case RuntimeException cause -> throw cause;
      case Error cause -> throw cause;
      default -> throw new IllegalStateException(task.exceptionNow());
    }
  }

  /// Has a task done: does it, where no worker has begun it, or does others that none has begun
  /// until it is done. Waits however often the thread is interrupted: tasks are short.
  void await(FutureTask<?> task) {
    task.run(); // does nothing where it is begun
    while (service != null && !task.isDone()) {
      Runnable other = service.getQueue().poll();
      if (other == null) {
        break;
      }
      other.run();
    }
    boolean interrupted = false;
    while (!task.isDone()) {
      try {
        task.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        break; // the task keeps it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends the threads: drops tasks not begun, and waits for those that are.
  @Override
  public void close() {
    if (service == null) {
      return;
    }
    service.shutdownNow();
    service.close();
  }
}
