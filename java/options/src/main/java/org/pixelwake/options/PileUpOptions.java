package org.pixelwake.options;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.pileup.PileUp;
import picocli.CommandLine.Option;

/// Whether and how pile-ups are made of the clusters of a data set.
public final class PileUpOptions {
  private static final double DEFAULT_SHARE = 0.3;
  private static final int MOST_OVERLAYS = 64;

  @Option(
      names = "--pile-up",
      description =
          "Make pile-ups of the clusters of one chip, two laid over each other so that they touch,"
              + " and as many single clusters of the same hit counts and energies (in bins of a tenth"
              + " of an octave); `finetune --labels pile-up` tells them apart. All are turned and"
              + " moved at random, --min-hits is 3 and --max-hits 200 where they are not given, and"
              + " energies must be in keV. The frame of a cluster is the stretch, a twentieth of its"
              + " source, that it and its like are from: divide further by frame or block alone.")
  private boolean pileUp;

  @Option(
      names = "--test",
      paramLabel = "TEST.parquet",
      description =
          "With --pile-up: write pile-ups and single clusters of stretches that are held out to this"
              + " data set. No cluster, and no frame next to one, is in both.")
  private @Nullable Path test;

  @Option(
      names = "--test-share",
      paramLabel = "SHARE",
      description = "Share of the stretches of each source that goes to --test, 0.3 unless given.")
  private @Nullable Double share;

  @Option(
      names = "--pile-up-threshold",
      paramLabel = "KEV",
      description =
          "With --pile-up: threshold of all clusters, after energies were added. Charge below the"
              + " threshold of the detector is lost, but adds up in a real pile-up: with twice that"
              + " threshold, the default, what is lost hardly decides which pixels answer. 0 keeps"
              + " every hit.")
  private @Nullable Double threshold;

  @Option(
      names = "--overlays",
      paramLabel = "N",
      description =
          "With --pile-up: lay every cluster on that many others, of which those are taken that match"
              + " a single cluster; 4 unless given.")
  private @Nullable Integer overlays;

  @Option(
      names = "--control",
      description =
          "With --pile-up: single clusters in the place of pile-ups too. Nothing can tell the two"
              + " apart, so an accuracy other than 0.5 shows a fault.")
  private boolean control;

  /// With the values of no option given.
  public PileUpOptions() {}

  /// Returns whether pile-ups are to be made.
  public boolean any() {
    return pileUp;
  }

  /// The data set to measure on, or null where nothing is held out.
  public @Nullable Path test() {
    return test;
  }

  /// Share of each source that is held out.
  public double share() {
    return test == null ? 0 : share == null ? DEFAULT_SHARE : share;
  }

  /// Checks the values together.
  ///
  /// @throws InputException where one is wrong
  public void check() {
    Map<String, Boolean> given = new LinkedHashMap<>();
    given.put("--test", test != null);
    given.put("--test-share", share != null);
    given.put("--pile-up-threshold", threshold != null);
    given.put("--overlays", overlays != null);
    given.put("--control", control);
    given.forEach((name, there) -> {
      if (there && !pileUp) {
        throw new InputException(name, "it is part of making pile-ups", "Give it with --pile-up");
      }
    });
    if (share != null && test == null) {
      throw new InputException("--test-share", "there is no --test", "Name the data set with it");
    }
    if (share != null && !(share > 0 && share < 1)) {
      throw new InputException("--test-share", share + " is no part", "Give a number in (0, 1)");
    }
    if (threshold != null && !(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
      throw new InputException(
          "--pile-up-threshold", threshold + " is no energy", "Give keV, 0 or more");
    }
    if (overlays != null && (overlays < 1 || overlays > MOST_OVERLAYS)) {
      throw new InputException("--overlays", overlays + " is not possible", "Give 1 to 64");
    }
  }

  /// How pile-ups are made.
  ///
  /// @param choice limits of size and seed
  /// @param windowNs most time between the two particles, ns
  /// @throws InputException where the choice contradicts
  public PileUp pileUp(BalanceOptions choice, double windowNs) {
    if (choice.balance()) {
      throw new InputException(
          "--balance", "pile-ups have the sizes of single clusters", "Leave out --balance");
    }
    int fewest = choice.minHitsOr(PileUp.DEFAULT_MIN_HITS);
    int most = choice.maxHitsOr(PileUp.DEFAULT_MAX_HITS);
    if (most < fewest) {
      throw new InputException(
          "--max-hits", most + " is below --min-hits " + fewest, "Leave a range");
    }
    return new PileUp(
        threshold == null ? Double.NaN : threshold,
        fewest,
        most,
        overlays == null ? PileUp.DEFAULT_OVERLAYS : overlays,
        windowNs,
        control,
        choice.seed());
  }
}
