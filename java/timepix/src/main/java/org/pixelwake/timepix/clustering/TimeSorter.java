package org.pixelwake.timepix.clustering;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.HitBatch;

/// Puts hits that come roughly by time into order, holding those that are younger than the sorting
/// window, and cuts them into blocks. What comes out depends on the hits alone, not on the order
/// they came in, as long as none is late: older than the youngest hit so far by more than the
/// window.
final class TimeSorter {
  /// Hits from which the disorder of a source is judged before the first is given.
  static final int LEARN_HITS = 200_000;

  private static final int MAX_HELD = 1 << 24;

  /// Fewest new hits sorted together: many beside those held for the window, which are sorted
  /// again, and few enough for a processor's cache.
  static final int SORT_HITS = 1 << 16;

  private final double minWindow;
  private final int blockHits;
  private double window;
  private final HitSorter sorter = new HitSorter();
  private HitBlock held = new HitBlock(SORT_HITS);
  private HitBlock spare = new HitBlock(SORT_HITS);
  private int sortAt = LEARN_HITS;
  private boolean learning = true;
  private double youngest = Double.NEGATIVE_INFINITY;
  private double given = Double.NEGATIVE_INFINITY;
  private double disorder;
  private double learnt;
  private long late;

  private final ArrayDeque<HitBlock> ready = new ArrayDeque<>();
  private final ArrayDeque<HitBlock> empty = new ArrayDeque<>();
  private HitBlock filling;

  /// @param window least sorting window, ns
  /// @param blockHits hits of a block; the last one of a segment may have fewer
  TimeSorter(double window, int blockHits) {
    this.minWindow = window;
    this.window = window;
    this.blockHits = blockHits;
    this.filling = new HitBlock(blockHits);
  }

  /// Hits left out because they came too late.
  long late() {
    return late;
  }

  /// The window in use, ns.
  double window() {
    return window;
  }

  /// Disorder that the window was widened for, ns; 0 where it was not.
  double learnt() {
    return learnt;
  }

  /// The next block that is full, or at the end of a segment; null where there is none yet.
  @Nullable HitBlock poll() {
    return ready.poll();
  }

  /// Takes back a block that was given, to fill it again.
  void recycle(HitBlock block) {
    block.size = 0;
    empty.add(block);
  }

  /// Takes hits of one segment.
  void add(HitBatch batch) {
    int from = 0;
    while (from < batch.size) {
      int to = Math.min(batch.size, from + sortAt - held.size);
      hold(batch, from, to);
      from = to;
      if (held.size >= sortAt) {
        learn();
        release(youngest - window);
      }
    }
  }

  /// Copies hits to those held, without such as are late.
  private void hold(HitBatch batch, int from, int to) {
    held = held.withRoomFor(to - from);
    HitBlock into = held;
    int size = into.size;
    double young = youngest;
    for (int i = from; i < to; i++) {
      double time = batch.toa[i];
      if (time > young) {
        young = time;
      } else if (learning) {
        disorder = Math.max(disorder, young - time);
      } else if (time < young - window || time < given) {
        late++;
        continue;
      }
      into.pixel[size] = HitBlock.pixel(batch.x[i], batch.y[i]);
      into.energy[size] = batch.energy[i];
      into.toa[size] = time;
      size++;
    }
    into.size = size;
    youngest = young;
  }

  /// Gives everything: the end of a segment. The next one may begin at any time.
  void flush() {
    learn();
    release(Double.POSITIVE_INFINITY);
    give();
    youngest = Double.NEGATIVE_INFINITY;
    given = Double.NEGATIVE_INFINITY;
    disorder = 0;
    learning = true;
    sortAt = LEARN_HITS;
  }

  private void learn() {
    if (learning) {
      learning = false;
      window = Math.max(window, minWindow);
      if (disorder > window) {
        window = 2 * disorder;
        learnt = disorder;
      }
    }
  }

  private void release(double before) {
    HitBlock from = held;
    long[] order = sorter.sort(from);
    int known = from.size;
    while (known > 0 && from.toa[sorter.hit(order[known - 1])] >= before) {
      known--;
    }
    if (from.size - known >= MAX_HELD / 2) {
      known = from.size - MAX_HELD / 4; // memory is bounded: what comes later than these is late
    }
    for (int k = 0; k < known; ) {
      int next = k + Math.min(known - k, filling.toa.length - filling.size);
      filling.append(from, sorter, order, k, next);
      if (filling.full()) {
        give();
      }
      k = next;
    }
    if (known > 0) {
      given = Math.max(given, from.toa[sorter.hit(order[known - 1])]);
    }
    spare.size = 0;
    spare = spare.toa.length < from.size - known ? new HitBlock(from.toa.length) : spare;
    spare.append(from, sorter, order, known, from.size);
    held = spare;
    spare = from;
    sortAt = Math.clamp(4L * held.size, SORT_HITS, MAX_HELD);
  }

  private void give() {
    if (filling.size > 0) {
      ready.add(filling);
      HitBlock next = empty.poll();
      filling = next == null ? new HitBlock(blockHits) : next;
    }
  }
}
