package org.pixelwake.timepix.clustering;

import java.util.Arrays;
import org.pixelwake.timepix.HitOrder;
import org.pixelwake.timepix.io.HitBatch;

/// Puts hits that come roughly by time into order, holding those that are younger than the sorting
/// window. What comes out depends on the hits alone, not on the order they came in, as long as none
/// is late: older than the youngest hit so far by more than the window.
final class TimeSorter {
  /// Receives hits in order.
  @FunctionalInterface
  interface Sink {
    void hit(int x, int y, float energy, double toa);
  }

  /// Hits from which the disorder of a source is judged before the first is given.
  static final int LEARN_HITS = 200_000;

  private static final int MAX_HELD = 1 << 24;
  private static final int MIN_SORT = 1 << 14;

  private final double minWindow;
  private double window;
  private short[] x = new short[MIN_SORT];
  private short[] y = new short[MIN_SORT];
  private float[] energy = new float[MIN_SORT];
  private double[] toa = new double[MIN_SORT];
  private int size;
  private int sortAt = LEARN_HITS;
  private boolean learning = true;
  private double youngest = Double.NEGATIVE_INFINITY;
  private double given = Double.NEGATIVE_INFINITY;
  private double disorder;
  private double learnt;
  private long late;

  TimeSorter(double window) {
    this.minWindow = window;
    this.window = window;
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

  void add(HitBatch batch, Sink sink) {
    for (int i = 0; i < batch.size; i++) {
      double time = batch.toa[i];
      if (time > youngest) {
        youngest = time;
      } else if (learning) {
        disorder = Math.max(disorder, youngest - time);
      }
      if (!learning && (time < youngest - window || time < given)) {
        late++;
        continue;
      }
      if (size == toa.length) {
        grow();
      }
      x[size] = batch.x[i];
      y[size] = batch.y[i];
      energy[size] = batch.energy[i];
      toa[size++] = time;
      if (size >= sortAt) {
        learn();
        release(youngest - window, sink);
      }
    }
  }

  /// Gives everything: the end of a segment. The next one may begin at any time.
  void flush(Sink sink) {
    learn();
    release(Double.POSITIVE_INFINITY, sink);
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

  private void release(double before, Sink sink) {
    int[] order = HitOrder.sorted(size, toa, y, x, energy);
    int ready = 0;
    while (ready < size && toa[order[ready]] < before) {
      ready++;
    }
    if (size - ready >= MAX_HELD / 2) {
      ready = size - MAX_HELD / 4; // memory is bounded: what comes later than these is late
    }
    for (int k = 0; k < ready; k++) {
      int hit = order[k];
      sink.hit(x[hit], y[hit], energy[hit], toa[hit]);
    }
    if (ready > 0) {
      given = Math.max(given, toa[order[ready - 1]]);
    }
    keep(order, ready);
    sortAt = Math.max(MIN_SORT, 2 * size);
  }

  private void keep(int[] order, int from) {
    int left = size - from;
    int room = Math.max(MIN_SORT, 4 * left);
    short[] keptX = new short[room];
    short[] keptY = new short[room];
    float[] keptEnergy = new float[room];
    double[] keptToa = new double[room];
    for (int k = 0; k < left; k++) {
      int hit = order[from + k];
      keptX[k] = x[hit];
      keptY[k] = y[hit];
      keptEnergy[k] = energy[hit];
      keptToa[k] = toa[hit];
    }
    x = keptX;
    y = keptY;
    energy = keptEnergy;
    toa = keptToa;
    size = left;
  }

  private void grow() {
    int room = 2 * size;
    x = Arrays.copyOf(x, room);
    y = Arrays.copyOf(y, room);
    energy = Arrays.copyOf(energy, room);
    toa = Arrays.copyOf(toa, room);
  }
}
