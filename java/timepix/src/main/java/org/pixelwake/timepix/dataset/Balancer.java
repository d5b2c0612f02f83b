package org.pixelwake.timepix.dataset;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;

/// Chooses clusters so that every size is equally frequent, in exponential bins of hit count.
///
/// Small clusters are thousands of times as frequent as large ones in most recordings; a network
/// trained on all sees few large tracks. The rule:
///
/// 1. Clusters below `minHits` or above `maxHits` are left out. A bin that the limits cut is used
///    with what remains of it.
/// 2. A bin of at least `minBinCount` clusters is *full*. Of the others, with [SmallBins#DROP]
///    nothing is taken, with [SmallBins#KEEP] everything.
/// 3. The target is the count of the smallest full bin, but at most `maxPerBin`. Of every full bin
///    exactly the target is taken.
///
/// Which clusters: those with the smallest 64 random bits, [Philox#bits] of the seed and the row.
/// The choice depends on seed and rows alone, not on the order of processing or the number of
/// threads.
///
/// @param bins the bins
/// @param minHits smallest hit count used, at least 1
/// @param maxHits largest hit count used
/// @param minBinCount clusters that make a bin full, at least 1
/// @param smallBins what to do with bins that are not full
/// @param maxPerBin largest target; [Integer#MAX_VALUE] for none
/// @param seed of the choice
public record Balancer(
    ExponentialBins bins,
    int minHits,
    int maxHits,
    int minBinCount,
    SmallBins smallBins,
    int maxPerBin,
    long seed) {

  /// Default of `maxHits`.
  public static final int DEFAULT_MAX_HITS = 2000;

  /// Default of `minBinCount`.
  public static final int DEFAULT_MIN_BIN_COUNT = 50;

  /// "balance" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x62616c616e6365L;

  /// What becomes of bins with too few clusters.
  public enum SmallBins {
    /// Nothing of them is taken, so that the result is uniform.
    DROP,
    /// All of them is taken, so that no size is missing.
    KEEP
  }

  /// What was chosen.
  ///
  /// @param rows rows chosen, ascending
  /// @param before histogram of all clusters
  /// @param after histogram of those chosen
  /// @param target clusters taken of each full bin, of each class where classes are balanced; 0
  ///   where no bin is full
  /// @param outsideLimits clusters left out by `minHits` and `maxHits`, or without a class
  /// @param inSmallBins clusters within the limits in bins that are not full, kept or dropped as
  ///   told
  public record Selection(
      int[] rows,
      SizeHistogram before,
      SizeHistogram after,
      int target,
      int outsideLimits,
      int inSmallBins) {}

  public Balancer {
    if (minHits < 1 || maxHits < minHits || minBinCount < 1 || maxPerBin < 1) {
      throw new IllegalArgumentException(
          "limits of balancing: hits from %s to %s, at least %s and at most %s clusters in a bin"
              .formatted(minHits, maxHits, minBinCount, maxPerBin));
    }
  }

  /// Powers of two, 1 to 2000 hits, bins of fewer than 50 clusters dropped, no cap.
  public static Balancer withSeed(long seed) {
    return new Balancer(
        ExponentialBins.POWERS_OF_TWO,
        1,
        DEFAULT_MAX_HITS,
        DEFAULT_MIN_BIN_COUNT,
        SmallBins.DROP,
        Integer.MAX_VALUE,
        seed);
  }

  /// Chooses rows.
  ///
  /// @param sizes hit count of every row, as [DatasetReader#sizes] and [ClusterTable#sizes] give
  ///   them
  /// @throws InputException where nothing would be left
  public Selection select(int[] sizes) {
    return select(sizes, new int[sizes.length], 1);
  }

  /// Chooses rows so that in every bin each class is equally frequent too: a bin is full where each
  /// class has enough clusters in it, and the target is taken of each class.
  ///
  /// @param sizes hit count of every row
  /// @param classes class of every row, from 0 to below `count`, or below 0 where it is left out,
  ///   which counts as outside the limits
  /// @param count number of classes
  /// @throws InputException where nothing would be left
  public Selection select(int[] sizes, int[] classes, int count) {
    int[][] counts = new int[count][bins.count()];
    int outside = 0;
    for (int row = 0; row < sizes.length; row++) {
      if (classes[row] >= 0 && used(sizes[row])) {
        counts[classes[row]][bins.indexOf(sizes[row])]++;
      } else {
        outside++;
      }
    }
    int[] fewest = new int[bins.count()];
    int[] all = new int[bins.count()];
    for (int bin = 0; bin < fewest.length; bin++) {
      fewest[bin] = Integer.MAX_VALUE;
      for (int[] ofClass : counts) {
        fewest[bin] = Math.min(fewest[bin], ofClass[bin]);
        all[bin] += ofClass[bin];
      }
    }
    int target = target(fewest);
    int inSmall = 0;
    boolean[] taken = new boolean[sizes.length];
    for (int bin = 0; bin < fewest.length; bin++) {
      boolean full = fewest[bin] >= minBinCount;
      inSmall += full ? 0 : all[bin];
      for (int c = 0; c < count && (full || smallBins == SmallBins.KEEP); c++) {
        int number = counts[c][bin];
        take(sizes, classes, c, bin, number, full ? target : number, taken);
      }
    }
    int[] rows = IntStream.range(0, sizes.length).filter(row -> taken[row]).toArray();
    if (rows.length == 0) {
      throw new InputException(
          "balancing",
          "no bin of hit counts from %s to %s has %s clusters, the fullest has %s"
              .formatted(minHits, maxHits, minBinCount, Arrays.stream(fewest).max().orElse(0)),
          "Give more data, demand fewer clusters in a bin, or keep small bins whole");
    }
    return new Selection(
        rows,
        SizeHistogram.of(bins, sizes),
        SizeHistogram.of(bins, Arrays.stream(rows).map(row -> sizes[row]).toArray()),
        target,
        outside,
        inSmall);
  }

  private boolean used(int size) {
    return size >= minHits && size <= maxHits;
  }

  private int target(int[] counts) {
    OptionalInt smallest = Arrays.stream(counts).filter(count -> count >= minBinCount).min();
    return smallest.isPresent() ? Math.min(smallest.getAsInt(), maxPerBin) : 0;
  }

  /// Takes the `wanted` rows of a bin and a class with the smallest draws; of equal draws the first
  /// rows.
  private void take(
      int[] sizes, int[] classes, int ofClass, int bin, int count, int wanted, boolean[] taken) {
    if (wanted == 0) {
      return;
    }
    int[] rows = new int[count];
    long[] draws = new long[count];
    int found = 0;
    for (int row = 0; row < sizes.length; row++) {
      if (classes[row] == ofClass && used(sizes[row]) && bins.indexOf(sizes[row]) == bin) {
        rows[found] = row;
        draws[found++] = Philox.bits(seed, STREAM, row);
      }
    }
    long[] sorted = draws.clone();
    Arrays.sort(sorted);
    long threshold = sorted[wanted - 1];
    int ties = wanted - (int) Arrays.stream(draws).filter(draw -> draw < threshold).count();
    for (int i = 0; i < count; i++) {
      boolean tie = draws[i] == threshold;
      taken[rows[i]] = draws[i] < threshold || tie && ties > 0;
      ties -= tie ? 1 : 0;
    }
  }
}
