package org.pixelwake.training;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.timepix.dataset.ClusterTable;

/// Hides hits of clusters from an autoencoder over hits, and says what it is asked of those that it
/// sees.
///
/// Of every hit a number u in [0, 1) is drawn. Below half of the fraction, the hit is left out
/// altogether; below the fraction, it stays in its place with its energy and time hidden. A cluster
/// keeps the hit with the largest u in any case. Asked are energy, time and threshold of the hits
/// whose energy is hidden, and of every hit which of the places around it that look empty were hit.
/// An energy E is asked as ln(E / energy scale), a time t as sqrt(t / time scale).
///
/// Draws are those of `pw_rasterize_forward` (`kernels.h`): for hit j of the cluster in the table,
/// word (j & 3) of counter (id low, id high, step, j >> 2), and for the turn, word 0 of counter (id
/// low, id high, step, -1).
///
/// @param fraction part of the hits that are hidden in one of the two ways
/// @param augment whether clusters are turned at random by the symmetries of the square
/// @param energyThreshold energy above which a hit is above the threshold
record HitHiding(
    double fraction,
    boolean augment,
    long seed,
    float energyScale,
    float toaScale,
    float energyThreshold) {
  private static final double WORDS = 0x1p32;
  // The least energy that is asked, as part of the scale.
  private static final float LEAST = 1e-4f;
  private static final int SIGN = 0x8000;
  private static final int OWN_PLACE = Hits.NEIGHBOURS / 2;
  private static final int FIRST_PLACE = 2;
  private static final int THRESHOLD = Loss.HIT_HEADS - 1;

  /// How a configuration hides hits.
  ///
  /// @param training whether clusters are turned
  static HitHiding of(PretrainConfig config, boolean training) {
    return new HitHiding(
        config.maskFraction,
        training && config.augment,
        config.seed,
        config.energyScale,
        config.toaScale,
        config.energyThreshold);
  }

  /// The buffers of a batch.
  ///
  /// @param x i16, of every hit that is left
  /// @param y i16
  /// @param energy f32, 0 where it is hidden
  /// @param toa f32, 0 where it is hidden
  /// @param hidden f32: 1 where energy and time are hidden, else 0
  /// @param target f32 (hits, 12), as [Loss.OfHits] takes it
  record Buffers(
      MemorySegment x,
      MemorySegment y,
      MemorySegment energy,
      MemorySegment toa,
      MemorySegment hidden,
      MemorySegment target) {}

  /// Copies the hits of a cluster that are left behind those copied before.
  ///
  /// @param step index of the step, which the draws depend on
  /// @param to receives them, ordered by y and x
  /// @param used hits before it
  /// @return hits with it
  int copy(ClusterTable table, int row, long step, Buffers to, int used) {
    Hit[] hits = hits(table, row, step);
    long[] places = Arrays.stream(hits).mapToLong(Hit::place).toArray();
    int at = used;
    for (Hit hit : hits) {
      if (hit.fate != Fate.DROPPED) {
        write(hit, hits, places, to, at++);
      }
    }
    return at;
  }

  private enum Fate {
    SEEN,
    MASKED,
    DROPPED
  }

  // A hit of a turned cluster, by place: y, then x.
  private record Hit(int x, int y, float energy, float toa, double draw, Fate fate) {
    long place() {
      return HitHiding.place(x, y);
    }

    Hit with(Fate other) {
      return new Hit(x, y, energy, toa, draw, other);
    }
  }

  private static long place(int x, int y) {
    return (long) (y + SIGN) << 17 | (x + SIGN);
  }

  // The hits in order, one per pixel. Of several hits of one pixel the largest energy and the
  // earliest time stay, and the draw of the first.
  private Hit[] hits(ClusterTable table, int row, long step) {
    int start = table.start(row);
    int size = table.size(row);
    int turn = augment ? word(row, step, -1, 0) & 7 : 0;
    Hit[] all = new Hit[size];
    for (int j = 0; j < size; j++) {
      int i = start + j;
      double draw = Integer.toUnsignedLong(word(row, step, j >> 2, j & 3)) / WORDS;
      Fate fate = draw < fraction / 2 ? Fate.DROPPED : draw < fraction ? Fate.MASKED : Fate.SEEN;
      all[j] =
          turned(turn, table.x()[i], table.y()[i], table.energy()[i], table.toa()[i], draw, fate);
    }
    // A stable sort: of one pixel the first in the table stays the first.
    Arrays.sort(all, Comparator.comparingLong(Hit::place));
    int count = 0;
    int largest = 0;
    for (Hit hit : all) {
      if (count > 0 && all[count - 1].place() == hit.place()) {
        Hit before = all[count - 1];
        float energy = Math.max(before.energy, hit.energy);
        float toa = Math.min(before.toa, hit.toa);
        all[count - 1] = new Hit(hit.x, hit.y, energy, toa, before.draw, before.fate);
        continue;
      }
      all[count] = hit;
      largest = hit.draw > all[largest].draw ? count : largest;
      count++;
    }
    all[largest] = all[largest].with(Fate.SEEN);
    return Arrays.copyOf(all, count);
  }

  private int word(long id, long step, int block, int which) {
    int[] words = new int[4];
    Philox.block(
        (int) id, (int) (id >>> 32), (int) step, block, (int) seed, (int) (seed >>> 32), words, 0);
    return words[which];
  }

  // As Turn has it: quarter turns from the direction of columns to that of rows, then a reflection
  // of the columns.
  private static Hit turned(
      int turn, int x, int y, float energy, float toa, double draw, Fate fate) {
    int across = x;
    int up = y;
    for (int quarter = turn & 3; quarter > 0; quarter--) {
      int before = across;
      across = -up;
      up = before;
    }
    return new Hit((turn & 4) != 0 ? -across : across, up, energy, toa, draw, fate);
  }

  private void write(Hit hit, Hit[] hits, long[] places, Buffers to, int at) {
    boolean masked = hit.fate == Fate.MASKED;
    to.x.setAtIndex(ValueLayout.JAVA_SHORT, at, (short) hit.x);
    to.y.setAtIndex(ValueLayout.JAVA_SHORT, at, (short) hit.y);
    to.energy.setAtIndex(ValueLayout.JAVA_FLOAT, at, masked ? 0 : hit.energy);
    to.toa.setAtIndex(ValueLayout.JAVA_FLOAT, at, masked ? 0 : hit.toa);
    to.hidden.setAtIndex(ValueLayout.JAVA_FLOAT, at, masked ? 1 : 0);
    long first = (long) at * Loss.HIT_HEADS;
    float energy = Math.max(hit.energy / energyScale, LEAST);
    set(to, first, masked ? (float) Math.log(energy) : Float.NaN);
    boolean timed = masked && toaScale > 0;
    set(to, first + 1, timed ? (float) Math.sqrt(Math.max(hit.toa, 0) / toaScale) : Float.NaN);
    for (int k = 0; k < Hits.NEIGHBOURS; k++) {
      float asked = Float.NaN;
      if (k != OWN_PLACE) {
        int found = Arrays.binarySearch(places, place(hit.x + k % 3 - 1, hit.y + k / 3 - 1));
        if (found < 0) {
          asked = 0;
        } else if (hits[found].fate == Fate.DROPPED) {
          asked = 1;
        }
      }
      set(to, first + FIRST_PLACE + k, asked);
    }
    float above = hit.energy > energyThreshold ? 1 : 0;
    set(to, first + THRESHOLD, masked ? above : Float.NaN);
  }

  private static void set(Buffers to, long index, float value) {
    to.target.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }
}
