package org.pixelwake.timepix.pileup;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.dataset.ClusterTable;

/// The hits of a cluster wherever it lies: their pixels are counted from the corner of the smallest
/// rectangle around them, and ordered by row and column. Immutable.
final class Footprint {
  /// Turns and reflections of the square grid of pixels.
  static final int SYMMETRIES = 8;

  /// A hit.
  ///
  /// @param energy in the unit of the source
  /// @param toa ns
  private record Hit(int x, int y, float energy, double toa) {}

  private final Hit[] hits;
  private final int width;
  private final int height;

  private Footprint(Iterable<Hit> of) {
    int left = Integer.MAX_VALUE;
    int bottom = Integer.MAX_VALUE;
    int right = Integer.MIN_VALUE;
    int top = Integer.MIN_VALUE;
    for (Hit hit : of) {
      left = Math.min(left, hit.x);
      bottom = Math.min(bottom, hit.y);
      right = Math.max(right, hit.x);
      top = Math.max(top, hit.y);
    }
    width = right - left + 1;
    height = top - bottom + 1;
    Map<Long, Hit> sorted = new TreeMap<>();
    for (Hit hit : of) {
      Hit moved = new Hit(hit.x - left, hit.y - bottom, hit.energy, hit.toa);
      sorted.merge(key(moved.x, moved.y), moved, Footprint::together);
    }
    hits = sorted.values().toArray(Hit[]::new);
  }

  /// Charges of one pixel add up; the pixel answers when the first of them comes.
  private static Hit together(Hit a, Hit b) {
    return new Hit(a.x, a.y, a.energy + b.energy, Math.min(a.toa, b.toa));
  }

  private static long key(int x, int y) {
    return (long) y << Integer.SIZE | x;
  }

  /// The footprint of a cluster of a table.
  static Footprint of(ClusterTable table, int row) {
    List<Hit> all = new ArrayList<>(table.size(row));
    for (int i = table.start(row); i < table.end(row); i++) {
      all.add(new Hit(table.x()[i], table.y()[i], table.energy()[i], table.toa()[i]));
    }
    return new Footprint(all);
  }

  /// Number of hits, at least 1.
  int size() {
    return hits.length;
  }

  /// Columns of the rectangle around the hits.
  int width() {
    return width;
  }

  /// Rows of the rectangle around the hits.
  int height() {
    return height;
  }

  /// Sum of the energies.
  double energy() {
    double sum = 0;
    for (Hit hit : hits) {
      sum += hit.energy;
    }
    return sum;
  }

  /// The hits of at least an energy, or null where there is none.
  @Nullable Footprint above(double threshold) {
    List<Hit> kept = new ArrayList<>(hits.length);
    for (Hit hit : hits) {
      if (hit.energy >= threshold) {
        kept.add(hit);
      }
    }
    return kept.isEmpty() ? null : kept.size() == hits.length ? this : new Footprint(kept);
  }

  /// The cluster turned or reflected.
  ///
  /// @param symmetry 0 to 7: bit 0 reflects columns, bit 1 rows, bit 2 then exchanges the two
  Footprint turned(int symmetry) {
    List<Hit> all = new ArrayList<>(hits.length);
    for (Hit hit : hits) {
      int x = (symmetry & 1) == 0 ? hit.x : -hit.x;
      int y = (symmetry & 2) == 0 ? hit.y : -hit.y;
      boolean exchanged = (symmetry & 4) != 0;
      all.add(new Hit(exchanged ? y : x, exchanged ? x : y, hit.energy, hit.toa));
    }
    return new Footprint(all);
  }

  /// The hits of this cluster and of another that is moved by so much in space and time, ns.
  Footprint with(Footprint other, int right, int up, double later) {
    List<Hit> all = new ArrayList<>(hits.length + other.hits.length);
    all.addAll(List.of(hits));
    for (Hit hit : other.hits) {
      all.add(new Hit(hit.x + right, hit.y + up, hit.energy, hit.toa + later));
    }
    return new Footprint(all);
  }

  /// Returns whether every hit can be reached from every other by neighbouring pixels, of which one
  /// has eight.
  boolean connected() {
    BitSet left = new BitSet();
    for (Hit hit : hits) {
      left.set(hit.y * width + hit.x);
    }
    int[] queue = new int[hits.length];
    int size = 1;
    queue[0] = hits[0].y * width + hits[0].x;
    left.clear(queue[0]);
    for (int done = 0; done < size; done++) {
      int x = queue[done] % width;
      int y = queue[done] / width;
      for (int row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (int column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          int pixel = row * width + column;
          if (left.get(pixel)) {
            left.clear(pixel);
            queue[size++] = pixel;
          }
        }
      }
    }
    return size == hits.length;
  }

  /// Ways to lay another cluster on this one so that they share a pixel or have neighbouring ones:
  /// each is one bit, which [#right] and [#up] read.
  BitSet touching(Footprint other) {
    int columns = width + 2;
    BitSet around = new BitSet();
    for (Hit hit : hits) {
      for (int row = hit.y; row <= hit.y + 2; row++) {
        around.set(row * columns + hit.x, row * columns + hit.x + 3);
      }
    }
    BitSet ways = new BitSet();
    around.stream()
        .forEach(pixel -> {
          int x = pixel % columns - 1 + other.width;
          int y = pixel / columns - 1 + other.height;
          for (Hit hit : other.hits) {
            ways.set((y - hit.y) * ways(other) + x - hit.x);
          }
        });
    return ways;
  }

  private int ways(Footprint other) {
    return width + other.width + 1;
  }

  /// Columns by which the other cluster is moved in a way of [#touching].
  int right(Footprint other, int way) {
    return way % ways(other) - other.width;
  }

  /// Rows by which the other cluster is moved in a way of [#touching].
  int up(Footprint other, int way) {
    return way / ways(other) - other.height;
  }

  /// The cluster at a place of the sensor.
  ///
  /// @param time what its times of arrival are counted from, or the start of its frame; ns
  /// @param timed whether the hits have times of arrival
  Cluster at(int column, int row, long frame, double time, boolean timed, ClusterBuilder builder) {
    builder.clear();
    for (Hit hit : hits) {
      builder.add(column + hit.x, row + hit.y, hit.energy, time + hit.toa);
    }
    return timed ? builder.build(frame) : builder.build(frame, time);
  }
}
