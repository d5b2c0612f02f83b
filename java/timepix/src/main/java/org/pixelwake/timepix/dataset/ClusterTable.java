package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;

/// Clusters as columns in memory: no object a cluster, hits of all clusters in one array a column.
///
/// The hits of cluster `i` are the elements from `start(i)` (inclusive) to `end(i)` (exclusive) of
/// [#x()], [#y()], [#energy()] and [#toa()]. These arrays are the table's own and are not to be
/// changed. A table is immutable and may be read by many threads. It takes 12 bytes a hit and 32
/// bytes a cluster, and 41 more a cluster where the truth of any is known.
public final class ClusterTable implements ClusterRows {
  // Each cluster's first hit, and the number of all hits.
  final int[] offsets;
  final long[] frame;
  final double[] time;
  final float[] energySum;
  final int[] source;
  final short[] x;
  final short[] y;
  final float[] energy;
  final float[] toa;
  final @Nullable TruthArrays truth;

  /// Empty table with room for the given numbers, whose columns are to be filled.
  ///
  /// @param withTruth whether there is room for truths
  ClusterTable(int clusters, int hits, boolean withTruth) {
    offsets = new int[clusters + 1];
    frame = new long[clusters];
    time = new double[clusters];
    energySum = new float[clusters];
    source = new int[clusters];
    x = new short[hits];
    y = new short[hits];
    energy = new float[hits];
    toa = new float[hits];
    truth = withTruth ? new TruthArrays(clusters) : null;
  }

  /// Table of clusters that are in memory already, all from one source.
  ///
  /// @param source index of the source
  public static ClusterTable of(List<Cluster> clusters, int source) {
    int hits = 0;
    for (Cluster cluster : clusters) {
      hits = Math.addExact(hits, cluster.size());
    }
    boolean known = clusters.stream().anyMatch(cluster -> cluster.truth() != null);
    ClusterTable table = new ClusterTable(clusters.size(), hits, known);
    int row = 0;
    for (Cluster cluster : clusters) {
      int at = table.offsets[row];
      int size = cluster.size();
      table.offsets[row + 1] = at + size;
      table.frame[row] = cluster.frame();
      table.time[row] = cluster.time();
      table.energySum[row] = energySum(cluster.energy());
      table.source[row] = source;
      System.arraycopy(cluster.x(), 0, table.x, at, size);
      System.arraycopy(cluster.y(), 0, table.y, at, size);
      System.arraycopy(cluster.energy(), 0, table.energy, at, size);
      System.arraycopy(cluster.toa(), 0, table.toa, at, size);
      if (table.truth != null && cluster.truth() != null) {
        table.truth.set(row, cluster.truth());
      }
      row++;
    }
    return table;
  }

  /// Copies rows of another table to this one while it is being filled.
  ///
  /// @param row first row here; the rows before it are filled
  void put(int row, ClusterTable from, int fromRow, int rows) {
    int hitFrom = from.offsets[fromRow];
    int hits = from.offsets[fromRow + rows] - hitFrom;
    int at = offsets[row];
    for (int i = 1; i <= rows; i++) {
      offsets[row + i] = at + (from.offsets[fromRow + i] - hitFrom);
    }
    System.arraycopy(from.frame, fromRow, frame, row, rows);
    System.arraycopy(from.time, fromRow, time, row, rows);
    System.arraycopy(from.energySum, fromRow, energySum, row, rows);
    System.arraycopy(from.source, fromRow, source, row, rows);
    System.arraycopy(from.x, hitFrom, x, at, hits);
    System.arraycopy(from.y, hitFrom, y, at, hits);
    System.arraycopy(from.energy, hitFrom, energy, at, hits);
    System.arraycopy(from.toa, hitFrom, toa, at, hits);
    if (truth != null && from.truth != null) {
      truth.put(row, from.truth, fromRow, rows);
    }
  }

  /// Gives the sources other indices, while the table has one owner.
  ///
  /// @param indices the new index of each old one
  void renumberSources(List<Integer> indices) {
    for (int row = 0; row < source.length; row++) {
      source[row] = indices.get(source[row]);
    }
  }

  /// Sum in double precision, so that the order of a few thousand hits does not show.
  static float energySum(float[] energy) {
    double sum = 0;
    for (float value : energy) {
      sum += value;
    }
    return (float) sum;
  }

  @Override
  public int count() {
    return frame.length;
  }

  /// Number of hits of all clusters.
  public int hitCount() {
    return x.length;
  }

  /// Index of the first hit of a cluster in the hit columns.
  public int start(int cluster) {
    return offsets[cluster];
  }

  /// Index after the last hit of a cluster in the hit columns.
  public int end(int cluster) {
    return offsets[cluster + 1];
  }

  @Override
  public int size(int cluster) {
    return offsets[cluster + 1] - offsets[cluster];
  }

  @Override
  public long frame(int cluster) {
    return frame[cluster];
  }

  /// Time of a cluster in ns, as in [Cluster].
  public double time(int cluster) {
    return time[cluster];
  }

  /// Sum of the energies of a cluster, in the unit of the data set.
  public float energySum(int cluster) {
    return energySum[cluster];
  }

  @Override
  public int source(int cluster) {
    return source[cluster];
  }

  @Override
  public @Nullable Truth truth(int cluster) {
    return truth == null ? null : truth.get(cluster);
  }

  @Override
  public boolean hasTruth() {
    return truth != null && truth.any();
  }

  /// Column of every hit.
  public short[] x() {
    return x;
  }

  /// Row of every hit.
  public short[] y() {
    return y;
  }

  /// Energy of every hit, in the unit of the data set.
  public float[] energy() {
    return energy;
  }

  /// Time of arrival of every hit, in ns after the first hit of its cluster; zero where the source
  /// has none.
  public float[] toa() {
    return toa;
  }

  /// One cluster as an object, its hits copied.
  public Cluster cluster(int cluster) {
    int from = start(cluster);
    int to = end(cluster);
    return new Cluster(
        frame[cluster],
        time[cluster],
        Arrays.copyOfRange(x, from, to),
        Arrays.copyOfRange(y, from, to),
        Arrays.copyOfRange(energy, from, to),
        Arrays.copyOfRange(toa, from, to),
        truth(cluster));
  }

  /// New table of the given rows, in the given order.
  public ClusterTable select(int[] rows) {
    int hits = 0;
    for (int row : rows) {
      hits = Math.addExact(hits, size(row));
    }
    ClusterTable table = new ClusterTable(rows.length, hits, truth != null);
    for (int i = 0; i < rows.length; i++) {
      table.put(i, this, rows[i], 1);
    }
    return table;
  }
}
