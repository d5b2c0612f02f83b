package org.pixelwake.timepix.clustering;

import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBlock;

/// Reads the batches of a source, each while the one before it is worked on, where a worker is free
/// to: of what must be done in the order of the source, it takes the longest.
final class ReadAhead {
  /// Fewest threads of which one reads: the caller of two has little else to do, and the hits need
  /// not travel to it.
  private static final int AHEAD_THREADS = 3;

  private final EventSource from;
  private final Workers workers;
  private HitBlock given;
  private HitBlock next;
  private @Nullable FutureTask<Boolean> reading; // of `next`

  /// @param hits of a batch, at most
  ReadAhead(EventSource from, Workers workers, int hits) {
    this.from = from;
    this.workers = workers;
    this.given = new HitBlock(hits);
    this.next = workers.threads() < AHEAD_THREADS ? given : new HitBlock(hits);
  }

  /// The next batch, good until the next call; null at the end of the source.
  @Nullable HitBlock next() {
    FutureTask<Boolean> read = reading == null ? begin() : reading;
    boolean more = workers.result(read);
    HitBlock filled = next;
    next = given;
    given = filled;
    reading = more && workers.threads() >= AHEAD_THREADS ? begin() : null;
    return more ? filled : null;
  }

  /// Waits until nothing is being read. What goes wrong there is thrown by [#next].
  void settle() {
    if (reading != null) {
      workers.await(reading);
    }
  }

  private FutureTask<Boolean> begin() {
    HitBlock into = next;
    return workers.begin(() -> from.next(into));
  }
}
