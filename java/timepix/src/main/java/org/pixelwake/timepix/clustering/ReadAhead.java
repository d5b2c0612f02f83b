package org.pixelwake.timepix.clustering;

import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBatch;

/// Reads the batches of a source, each while the one before it is worked on, where a worker is free
/// to: decoding takes half as long as sorting and merging, which a single thread does.
final class ReadAhead {
  private final EventSource from;
  private final Workers workers;
  private HitBatch given;
  private HitBatch next;
  private @Nullable FutureTask<Boolean> reading; // of `next`

  /// @param hits of a batch, at most
  ReadAhead(EventSource from, Workers workers, int hits) {
    this.from = from;
    this.workers = workers;
    this.given = new HitBatch(hits);
    this.next = workers.threads() == 1 ? given : new HitBatch(hits);
  }

  /// The next batch, good until the next call; null at the end of the source.
  @Nullable HitBatch next() {
    FutureTask<Boolean> read = reading == null ? begin() : reading;
    read.run(); // does nothing where a worker has begun it
    boolean more = Workers.result(read);
    HitBatch filled = next;
    next = given;
    given = filled;
    reading = more && workers.threads() > 1 ? begin() : null;
    return more ? filled : null;
  }

  /// Waits until nothing is being read. What goes wrong there is thrown by [#next].
  void settle() {
    if (reading != null) {
      reading.run();
      Workers.await(reading);
    }
  }

  private FutureTask<Boolean> begin() {
    HitBatch into = next;
    return workers.begin(() -> from.next(into));
  }
}
