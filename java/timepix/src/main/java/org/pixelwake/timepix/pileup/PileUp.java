package org.pixelwake.timepix.pileup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.Split;

/// Makes pile-ups: two clusters of one chip laid over each other so that they touch, and single
/// clusters with the same sizes and energies, so that neither tells the two apart.
///
/// **Stretches.** Every source is cut into the twenty stretches of [Split]. The clusters of a
/// pile-up are of one stretch, and a stretch is held out as a whole; the last frame of a stretch is
/// left out (without frames the clusters of the last particle). So the two parts share no cluster,
/// and no frames that follow each other. The rows have the number of their stretch as their frame:
/// a further division by frame or block keeps that.
///
/// **Overlay.** Both clusters are turned or reflected at random; of all ways to lay one on the
/// other so that they share a pixel or have neighbouring ones, each is as likely. Energies of a
/// shared pixel add up. Single clusters are turned likewise, and all are put at a random place of
/// the sensor. Where hits have times of arrival, the particles come within the window of each
/// other.
///
/// **Threshold.** Charge below the threshold of the detector was not measured, and adds to that of
/// the other particle in a real pile-up. So all is looked at with a higher threshold, that of the
/// overlay: hits down to that of the detector are added first, then those below the higher one are
/// dropped, of pile-ups and of single clusters alike. A pixel whose charges were both lost stays
/// below the higher threshold where that is twice the detector's, as it is by default: the pixels
/// that answer are then those of a real pile-up, but for pixels with a measured charge below it
/// that a lost one would lift over. The energy of a pixel lacks less than one threshold of the
/// detector. A cluster is used where it is still connected.
///
/// **Matching.** Of every number of hits and every tenth of an octave of energy, as many pile-ups
/// as single clusters are taken, as many as there are of the rarer, without choice by anything
/// else. A single cluster is used once, and can be part of pile-ups too.
///
/// All depends on the clusters and the seed alone.
///
/// @param thresholdKeV threshold of the overlay, keV; 0 keeps every hit, NaN: twice the energy that
///   one hit of a thousand is below
/// @param minHits fewest hits, beyond the threshold, of a cluster that is used
/// @param maxHits most hits of a cluster that is used or made
/// @param overlays how many pile-ups every cluster is in, before they are matched
/// @param windowNs how far apart in time the two particles come at most, ns
/// @param control two classes of single clusters instead: what tells them apart is a fault
/// @param seed of everything random
public record PileUp(
    double thresholdKeV,
    int minHits,
    int maxHits,
    int overlays,
    double windowNs,
    boolean control,
    long seed) {
  /// Default of `minHits`: smaller clusters have no shape.
  public static final int DEFAULT_MIN_HITS = 3;

  /// Default of `maxHits`.
  public static final int DEFAULT_MAX_HITS = 200;

  /// Default of `overlays`.
  public static final int DEFAULT_OVERLAYS = 4;

  /// Bins of energy by which clusters are matched.
  static final int BINS_PER_OCTAVE = 10;

  private static final double LOWEST_SHARE = 0.001;
  private static final int TRIES = 20;

  /// "pile-up" in ASCII and a byte for the purpose: keeps these draws apart from others.
  private static final long STREAM = 0x70696c652d757000L;

  private static final int MOST_OVERLAYS = 0x40;

  // A number an overlay each, then one each.
  private static final long PAIRS = STREAM;
  private static final long ORDERS = STREAM + MOST_OVERLAYS;
  private static final long SINGLES = STREAM + 2 * MOST_OVERLAYS;
  private static final long CHOICE = SINGLES + 1;
  private static final long MIXING = SINGLES + 2;
  private static final long PLACES = SINGLES + 3;

  public PileUp {
    if (thresholdKeV < 0
        || minHits < 1
        || maxHits < minHits
        || overlays < 1
        || overlays > MOST_OVERLAYS
        || !(windowNs >= 0)) {
      throw new IllegalArgumentException(
          "pile-ups: threshold %s keV, %s to %s hits, %s overlays, window %s ns"
              .formatted(thresholdKeV, minHits, maxHits, overlays, windowNs));
    }
  }

  /// A threshold that follows the hits, 3 to 200 hits, four overlays, 200 ns.
  public static PileUp withSeed(long seed) {
    return new PileUp(
        Double.NaN, DEFAULT_MIN_HITS, DEFAULT_MAX_HITS, DEFAULT_OVERLAYS, 200, false, seed);
  }

  /// A pile-up or a single cluster that can be taken.
  ///
  /// @param row of the cluster, or of the first of the two
  /// @param number what it is among those of the row
  private record Candidate(
      Footprint hits, @Nullable Truth truth, int particles, int row, int number) {
    Candidate labelled(int count) {
      return new Candidate(hits, truth, count, row, number);
    }

    /// Number of hits and bin of energy.
    long key() {
      double octaves = Math.log(hits.energy()) / Math.log(2);
      return (long) hits.size() << Integer.SIZE
          | (long) Math.floor(octaves * BINS_PER_OCTAVE) & 0xFFFFFFFFL;
    }
  }

  /// Random numbers of one overlay.
  private final class Draws {
    private final long stream;
    private final long first;
    private int drawn;

    /// @param element what the numbers are for; fewer than 256 are drawn for each
    Draws(long stream, long element) {
      this.stream = stream;
      this.first = element << Byte.SIZE;
    }

    double uniform() {
      return Philox.uniform(Philox.bits(seed, stream, first + drawn++));
    }

    int below(int bound) {
      return (int) (uniform() * bound);
    }
  }

  /// Makes pile-ups of the clusters of one chip.
  ///
  /// @param heldOut share of the stretches of each source that is held out, from 0 to below 1
  /// @throws InputException where the energies are not in keV, there are several chips, or a part
  ///   has no pile-up with a single cluster of its size and energy
  public PileUps make(ClusterTable table, DatasetInfo info, double heldOut, Progress progress) {
    requireEnergies(info);
    requireOneChip(table, info);
    double threshold =
        Double.isNaN(thresholdKeV) ? 2 * detectorThreshold(table.energy()) : thresholdKeV;
    Split.Parts parts = new Split(heldOut, Split.Unit.BLOCK, seed).of(table);
    Work work = new Work(table, info, threshold, progress);
    PileUps.Part train = work.part("to learn from", parts.train());
    PileUps.Part test =
        heldOut == 0
            ? new PileUps.Part(List.of(), 0, 0)
            : work.part("to measure on", parts.heldOut());
    return new PileUps(train, test, threshold);
  }

  private static void requireEnergies(DatasetInfo info) {
    if (info.unit() != EnergyUnit.KEV) {
      throw new InputException(
          info.sources().getFirst().file(),
          "its values are times over threshold, which do not add up where two particles meet",
          "Make energies of them with --calibration");
    }
  }

  private static void requireOneChip(ClusterTable table, DatasetInfo info) {
    BitSet used = new BitSet();
    IntStream.range(0, table.count()).forEach(row -> used.set(table.source(row)));
    List<SourceInfo> sources = used.stream().mapToObj(info.sources()::get).toList();
    for (SourceInfo source : sources) {
      for (SourceInfo other : sources) {
        if (differ(source.chipId(), other.chipId())
            || differ(source.detector(), other.detector())
            || source.width() != other.width()
            || source.height() != other.height()) {
          throw new InputException(
              other.file(),
              "it was measured with %s, %s with %s: chips can be told apart, pile-ups are of one"
                  .formatted(chip(other), source.file(), chip(source)),
              "Give the files of one chip");
        }
      }
    }
  }

  private static boolean differ(String one, String other) {
    return known(one) && known(other) && !one.equals(other);
  }

  private static boolean known(String name) {
    return !name.isEmpty() && !name.equals("unknown");
  }

  private static String chip(SourceInfo source) {
    String id = source.chipId().isEmpty() ? "unknown" : source.chipId();
    return source.detector() + " " + id + " of " + source.width() + " x " + source.height();
  }

  /// Energy that one hit of a thousand is below.
  private static double detectorThreshold(float[] energy) {
    float[] sorted = energy.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[(int) (LOWEST_SHARE * sorted.length)];
  }

  /// One making of pile-ups.
  private final class Work {
    private final ClusterTable table;
    private final DatasetInfo info;
    private final double threshold;
    private final Progress progress;
    private final int[] stretches;
    private final BitSet ends;
    private final ClusterBuilder builder = new ClusterBuilder();
    private long done;

    Work(ClusterTable table, DatasetInfo info, double threshold, Progress progress) {
      this.table = table;
      this.info = info;
      this.threshold = threshold;
      this.progress = progress;
      stretches = Split.blocks(table);
      ends = ends();
    }

    /// Rows of the last frame, or of the last particle, of each stretch but the last of a source.
    private BitSet ends() {
      BitSet found = new BitSet();
      for (int[] rows : byStretch(IntStream.range(0, table.count()).toArray())) {
        int last = rows[rows.length - 1];
        if (stretches[last] == Split.BLOCKS - 1) {
          continue;
        }
        boolean framed = table.frame(rows[0]) != table.frame(last);
        for (int i = rows.length - 1; i >= 0; i--) {
          boolean same = framed ? table.frame(rows[i]) == table.frame(last) : ofOne(rows[i], last);
          if (!same) {
            break;
          }
          found.set(rows[i]);
        }
      }
      return found;
    }

    private boolean ofOne(int row, int last) {
      return row == last || (number(row) != Truth.UNKNOWN_NUMBER && number(row) == number(last));
    }

    private long number(int row) {
      Truth truth = table.truth(row);
      return truth == null ? Truth.UNKNOWN_NUMBER : truth.number();
    }

    /// Rows by source and stretch.
    private List<int[]> byStretch(int[] rows) {
      List<List<Integer>> found = new ArrayList<>();
      for (int i = 0; i < info.sources().size() * Split.BLOCKS; i++) {
        found.add(new ArrayList<>());
      }
      for (int row : rows) {
        found.get(table.source(row) * Split.BLOCKS + stretches[row]).add(row);
      }
      return found.stream()
          .filter(list -> !list.isEmpty())
          .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
          .toList();
    }

    PileUps.Part part(String name, int[] rows) {
      List<Candidate> pairs = new ArrayList<>();
      List<Candidate> singles = new ArrayList<>();
      for (int[] stretch : byStretch(rows)) {
        int[] pool =
            Arrays.stream(stretch).filter(row -> !ends.get(row)).filter(this::usable).toArray();
        for (int row : pool) {
          singles.add(single(row));
        }
        for (int overlay = 0; overlay < overlays; overlay++) {
          overlay(pool, overlay, pairs);
        }
        done += stretch.length;
        progress.update(done, table.count(), "clusters", pairs.size() + " overlays");
      }
      List<Candidate> chosen =
          control
              ? Matching.halves(pairs, singles, Candidate::key, this::choice, Candidate::labelled)
              : Matching.pairs(pairs, singles, Candidate::key, this::choice);
      if (chosen.isEmpty()) {
        throw new InputException(
            info.sources().getFirst().file(),
            "none of %s pile-ups %s has one of the %s single clusters with its size and energy"
                .formatted(pairs.size(), name, singles.size()),
            "Give more clusters of %s to %s hits above %.3g keV, or widen these limits"
                .formatted(minHits, maxHits, threshold));
      }
      chosen.sort(
          Comparator.comparingInt((Candidate c) -> table.source(c.row))
              .thenComparingInt(c -> stretches[c.row])
              .thenComparingLong(c -> Philox.bits(seed, MIXING, id(c))));
      return new PileUps.Part(
          chosen.stream().map(this::place).toList(), pairs.size(), singles.size());
    }

    private boolean usable(int row) {
      Footprint seen = Footprint.of(table, row).above(threshold);
      return seen != null
          && seen.size() >= minHits
          && seen.size() <= maxHits
          && seen.connected()
          && within(seen);
    }

    private boolean within(Footprint hits) {
      SourceInfo chip = info.sources().getFirst();
      int side = Math.min(chip.width(), chip.height());
      return hits.width() <= side && hits.height() <= side;
    }

    private Candidate single(int row) {
      Footprint turned = turned(row, new Draws(SINGLES, row));
      Footprint seen = turned.above(threshold);
      return new Candidate(seen == null ? turned : seen, moved(row), 1, row, overlays);
    }

    /// Returns what remains known of the particle of a cluster that is put elsewhere.
    private @Nullable Truth moved(int row) {
      Truth truth = table.truth(row);
      return truth == null
          ? null
          : new Truth(
              truth.particle(),
              truth.energyMeV(),
              truth.thetaDegrees(),
              Float.NaN,
              Float.NaN,
              Float.NaN,
              truth.depositedKeV(),
              truth.collectedKeV(),
              truth.number());
    }

    private Footprint turned(int row, Draws draws) {
      return Footprint.of(table, row).turned(draws.below(Footprint.SYMMETRIES));
    }

    /// Lays the clusters of a stretch, in an order of this overlay, on each other two by two.
    private void overlay(int[] pool, int overlay, List<Candidate> into) {
      int[] order =
          Arrays.stream(pool)
              .boxed()
              .sorted(Comparator.comparingLong(row -> Philox.bits(seed, ORDERS + overlay, row)))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int i = 0; i + 1 < order.length; i += 2) {
        if (Thread.interrupted()) {
          throw new CancellationException("interrupted while pile-ups were made");
        }
        Candidate made = overlay(order[i], order[i + 1], overlay);
        if (made != null) {
          into.add(made);
        }
      }
    }

    private @Nullable Candidate overlay(int row, int other, int overlay) {
      Draws draws = new Draws(PAIRS + overlay, row);
      Footprint a = turned(row, draws);
      Footprint b = turned(other, draws);
      double later = info.hasToa() ? windowNs * (2 * draws.uniform() - 1) : 0;
      int[] ways = a.touching(b).stream().toArray();
      for (int tried = 0; tried < TRIES; tried++) {
        int way = ways[draws.below(ways.length)];
        Footprint seen = a.with(b, a.right(b, way), a.up(b, way), later).above(threshold);
        if (seen != null && seen.size() <= maxHits && within(seen) && seen.connected()) {
          return new Candidate(seen, both(row, other), 2, row, overlay);
        }
      }
      return null;
    }

    private @Nullable Truth both(int row, int other) {
      Truth one = table.truth(row);
      Truth two = table.truth(other);
      return one == null || two == null || one.particle() != two.particle()
          ? null
          : Truth.ofParticle(one.particle());
    }

    private long choice(Candidate candidate) {
      return Philox.bits(seed, CHOICE, id(candidate));
    }

    private static long id(Candidate candidate) {
      return (long) candidate.row << Byte.SIZE | candidate.number;
    }

    private PileUps.Made place(Candidate candidate) {
      int row = candidate.row;
      SourceInfo source = info.sources().get(table.source(row));
      Draws draws = new Draws(PLACES, id(candidate));
      Footprint hits = candidate.hits;
      Cluster cluster =
          hits.at(
              draws.below(source.width() - hits.width() + 1),
              draws.below(source.height() - hits.height() + 1),
              stretches[row],
              table.time(row),
              info.hasToa(),
              builder);
      Truth known =
          candidate.truth == null ? Truth.ofParticle(Truth.UNKNOWN_PARTICLE) : candidate.truth;
      return new PileUps.Made(
          cluster.withTruth(known.withParticles(candidate.particles)), table.source(row));
    }
  }
}
