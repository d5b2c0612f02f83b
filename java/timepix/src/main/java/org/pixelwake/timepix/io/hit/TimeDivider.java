package org.pixelwake.timepix.io.hit;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.clustering.BlockClusterer;
import org.pixelwake.timepix.io.HitBlock;

/// Divides hits that come roughly by time into stretches of time, each of which can be sorted by
/// itself: all hits of a stretch are older than all of the next. It holds those that are younger
/// than the sorting window. What comes out depends on the hits alone, not on the order they came
/// in, as long as none is late: older than the youngest hit so far by more than the window.
public final class TimeDivider {
  /// Hits from which the disorder of a source is judged before the first is given.
  public static final int LEARN_HITS = 200_000;

  private static final int MAX_HELD = 1 << 24;

  /// Fewest hits that are held before a stretch is given: many beside those held for the window,
  /// and few enough for a processor's cache. A stretch is a block where the window holds few.
  public static final int STRETCH_HITS = BlockClusterer.MOST_HITS;

  private final double minWindow;
  private double window;
  private HitBlock held = new HitBlock(STRETCH_HITS);
  private int giveAt = STRETCH_HITS;

  // The hits of a segment until its disorder is known.
  private HitBlock learning = HitBlock.NONE;
  private boolean learnt;

  private double youngest = Double.NEGATIVE_INFINITY;
  private double given = Double.NEGATIVE_INFINITY; // all that were given are older
  private double disorder;
  private double widenedFor;
  private long late;

  private final ArrayDeque<HitBlock> ready = new ArrayDeque<>();
  // The last one used first: it is still in the cache.
  private final ArrayDeque<HitBlock> empty = new ArrayDeque<>();

  /// @param window least sorting window, ns
  public TimeDivider(double window) {
    this.minWindow = window;
    this.window = window;
  }

  /// Hits left out because they came too late.
  public long late() {
    return late;
  }

  /// The window in use, ns.
  public double window() {
    return window;
  }

  /// Disorder that the window was widened for, ns; 0 where it was not.
  public double learnt() {
    return widenedFor;
  }

  /// The next stretch, in no order; null where there is none yet.
  public @Nullable HitBlock poll() {
    return ready.poll();
  }

  /// Takes back a stretch that was given, to fill it again.
  public void recycle(HitBlock stretch) {
    stretch.size = 0;
    empty.push(stretch);
  }

  /// Takes hits of one segment.
  public void add(HitBlock batch) {
    int from = 0;
    if (!learnt) {
      from = Math.min(batch.size, LEARN_HITS - learning.size);
      learn(batch, from);
      if (learning.size < LEARN_HITS) {
        return;
      }
      endLearning();
    }
    take(batch, from);
  }

  /// Gives everything: the end of a segment. The next one may begin at any time.
  public void flush() {
    if (!learnt) {
      endLearning();
    }
    give(Double.POSITIVE_INFINITY);
    youngest = Double.NEGATIVE_INFINITY;
    given = Double.NEGATIVE_INFINITY;
    disorder = 0;
    learnt = false;
    giveAt = STRETCH_HITS;
  }

  private void learn(HitBlock batch, int hits) {
    learning = learning.withRoomFor(hits);
    learning.append(batch, hits);
    double young = youngest;
    for (int i = 0; i < hits; i++) {
      double time = batch.toa[i];
      young = Math.max(young, time);
      disorder = Math.max(disorder, young - time);
    }
    youngest = young;
  }

  /// Sets the window and takes the hits it was learned from.
  private void endLearning() {
    learnt = true;
    window = Math.max(window, minWindow);
    if (disorder > window) {
      window = 2 * disorder;
      widenedFor = disorder;
    }
    youngest = Double.NEGATIVE_INFINITY;
    take(learning, 0);
    learning = HitBlock.NONE;
  }

  private void take(HitBlock batch, int begin) {
    for (int from = begin; from < batch.size; ) {
      int to = Math.min(batch.size, from + giveAt - held.size);
      hold(batch, from, to);
      if (held.size >= giveAt) {
        giveOld();
      }
      from = to;
    }
  }

  /// Copies hits to those held, without such as are late.
  private void hold(HitBlock batch, int from, int to) {
    held = held.withRoomFor(to - from);
    HitBlock into = held;
    int size = into.size;
    double young = youngest;
    for (int i = from; i < to; i++) {
      double time = batch.toa[i];
      if (time > young) {
        young = time;
      } else if (time < young - window || time < given) {
        late++;
        continue;
      }
      into.pixel[size] = batch.pixel[i];
      into.energy[size] = batch.energy[i];
      into.toa[size] = time;
      size++;
    }
    into.size = size;
    youngest = young;
  }

  private void giveOld() {
    give(youngest - window);
    if (held.size >= MAX_HELD / 2) {
      // Memory is bounded: what comes later than these is late.
      double[] times = Arrays.copyOf(held.toa, held.size);
      Arrays.sort(times);
      give(Math.nextUp(times[held.size - MAX_HELD / 4]));
    }
    giveAt = Math.clamp(4L * held.size, STRETCH_HITS, MAX_HELD);
  }

  /// Gives hits older than a time, and holds the others.
  private void give(double before) {
    HitBlock hits = held;
    double[] toa = hits.toa;
    int old = 0;
    while (old < hits.size && toa[old] < before) {
      old++;
    }
    HitBlock rest = room(hits.size - old);
    for (int i = old; i < hits.size; i++) {
      if (toa[i] < before) {
        hits.pixel[old] = hits.pixel[i];
        hits.energy[old] = hits.energy[i];
        toa[old] = toa[i];
        old++;
      } else {
        rest.add(hits.pixel[i], hits.energy[i], toa[i]);
      }
    }
    hits.size = old;
    held = rest;
    if (old > 0) {
      given = Math.max(given, before);
      ready.add(hits);
    } else {
      empty.push(hits);
    }
  }

  private HitBlock room(int hits) {
    HitBlock free = empty.poll();
    return free == null ? new HitBlock(Math.max(STRETCH_HITS, hits)) : free.withRoomFor(hits);
  }
}
