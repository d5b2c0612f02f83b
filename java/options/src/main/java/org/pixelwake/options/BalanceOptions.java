package org.pixelwake.options;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ExponentialBins;
import picocli.CommandLine.Option;

/// Which clusters of a data set are taken.
public final class BalanceOptions {
  private static final double SMALLEST_BASE = 1.05;
  private static final double LARGEST_BASE = 1024;

  @Option(
      names = "--balance",
      description =
          "Take clusters of every size equally often: as many of each bin of hit count as the"
              + " smallest bin has that is not below --min-bin.")
  private boolean balance;

  @Option(
      names = "--balance-classes",
      description =
          "With --balance: take equally many clusters of each particle (column particle) in every"
              + " bin. --bin-base 1024 leaves one bin for nearly all sizes.")
  private boolean balanceClasses;

  @Option(names = "--min-hits", paramLabel = "N", description = "Leave out clusters of fewer hits.")
  private @Nullable Integer minHits;

  @Option(
      names = "--max-hits",
      paramLabel = "N",
      description = "Leave out clusters of more hits; with --balance 2000 where it is not given.")
  private @Nullable Integer maxHits;

  @Option(
      names = "--min-bin",
      paramLabel = "N",
      defaultValue = "50",
      description = "Bins of fewer clusters are dropped (with --keep-small-bins: taken whole).")
  private int minBin;

  @Option(names = "--keep-small-bins", description = "Take all of the bins below --min-bin.")
  private boolean keepSmallBins;

  @Option(
      names = "--max-per-bin",
      paramLabel = "N",
      description = "Take at most that many of a bin.")
  private @Nullable Integer maxPerBin;

  @Option(
      names = "--bin-base",
      paramLabel = "B",
      defaultValue = "2",
      description = "Bin k holds clusters of B^k to below B^(k+1) hits.")
  private double base;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the choice: the same seed and inputs give the same data set.")
  private long seed;

  /// With the values of no option given.
  public BalanceOptions() {}

  /// Whether to balance at all.
  public boolean balance() {
    return balance;
  }

  /// Whether each particle is to be equally frequent in every bin.
  public boolean balanceClasses() {
    return balanceClasses;
  }

  /// Smallest clusters taken.
  public int minHits() {
    return minHitsOr(1);
  }

  /// Smallest clusters taken.
  ///
  /// @param fallback where the option is not given
  public int minHitsOr(int fallback) {
    return minHits == null ? fallback : minHits;
  }

  /// Largest clusters taken.
  ///
  /// @param fallback where the option is not given
  public int maxHitsOr(int fallback) {
    return maxHits == null ? fallback : maxHits;
  }

  /// Seed of the choice.
  public long seed() {
    return seed;
  }

  /// Largest clusters taken.
  public int maxHits() {
    return maxHitsOr(balance ? Balancer.DEFAULT_MAX_HITS : Integer.MAX_VALUE);
  }

  /// Checks the values together.
  ///
  /// @throws InputException where one is wrong
  public void check() {
    positive("--min-hits", minHits());
    if (balanceClasses && !balance) {
      throw new InputException(
          "--balance-classes", "it is a way of balancing", "Give it with --balance");
    }
    positive("--min-bin", minBin);
    positive("--max-per-bin", maxPerBin == null ? 1 : maxPerBin);
    if (maxHits() < minHits()) {
      throw new InputException(
          "--max-hits", maxHits() + " is below --min-hits " + minHits(), "Leave a range");
    }
    if (!(base >= SMALLEST_BASE && base <= LARGEST_BASE)) {
      throw new InputException(
          "--bin-base", base + " is no ratio of bins", "Give a number from 1.05 to 1024");
    }
  }

  private static void positive(String option, int value) {
    if (value < 1) {
      throw new InputException(option, value + " is too small", "Give a number from 1 on");
    }
  }

  /// What chooses the clusters.
  public Balancer balancer() {
    return new Balancer(
        new ExponentialBins(base),
        minHits(),
        maxHits(),
        minBin,
        keepSmallBins ? Balancer.SmallBins.KEEP : Balancer.SmallBins.DROP,
        maxPerBin == null ? Integer.MAX_VALUE : maxPerBin,
        seed);
  }

  /// What a balanced data set keeps of these options.
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("balance_classes", Boolean.toString(balanceClasses));
    properties.put("balance_base", Double.toString(base));
    properties.put("balance_min_hits", Integer.toString(minHits()));
    properties.put("balance_max_hits", Integer.toString(maxHits()));
    properties.put("balance_min_bin", Integer.toString(minBin));
    properties.put("balance_small_bins", keepSmallBins ? "keep" : "drop");
    properties.put("balance_max_per_bin", maxPerBin == null ? "none" : maxPerBin.toString());
    properties.put("balance_seed", Long.toString(seed));
    return properties;
  }
}
