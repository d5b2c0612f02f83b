package org.pixelwake.training.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.engine.Storage;
import org.pixelwake.network.EncoderShape;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Finetuning;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.TaskData;
import org.pixelwake.training.TrainingData;
import org.pixelwake.training.TrainingTask;
import org.pixelwake.training.target.Labels;

/// The work that a benchmark times: a network, and the clusters of its batch.
///
/// An encoder of images is trained as an autoencoder. A network over hits is trained as a
/// classifier: of the particles of the data set, or, on clusters that are made up, of electrons and
/// protons, whose energies differ.
///
/// @param config architecture, side, batch, precision and seed
/// @param clusters data set that the clusters are taken from, evenly spaced in it; null: random
///   walks over neighbouring pixels are made up
/// @param hits of a cluster that is made up
public record Workload(PretrainConfig config, @Nullable Path clusters, int hits) {
  /// Hits of a cluster that is made up, where nothing else is wanted.
  public static final int HITS = 24;

  private static final Path MADE_UP = Path.of("made-up");
  private static final int NEIGHBOURS = 8;

  /// Work on clusters that are made up.
  public Workload(PretrainConfig config) {
    this(config, null, HITS);
  }

  /// Sets what a comparison with other libraries needs: the plain loss, no stochastic depth, no
  /// moving average, no clipping of the gradients and no random changes of the clusters.
  public static void prepare(PretrainConfig config) {
    plain(config);
    config.maskFraction = 0;
    config.emptyWeight = 1;
    config.maskEmptyWeight = 1;
    config.diceWeight = 0;
  }

  private static void plain(RunConfig config) {
    config.dropPath = 0;
    config.ema = 0;
    config.clipNorm = 0;
    config.augment = false;
    config.energyScale = 100;
    config.toaScale = 100;
    config.energyThreshold = 25;
  }

  /// Returns whether the network sees hits, not images.
  public boolean overHits() {
    return EncoderShape.named(config.arch) instanceof HitsArchitecture;
  }

  TrainingTask<?, ?> task() {
    if (overHits()) {
      return new Finetuning(classifier(), labelled());
    }
    DatasetInfo info = info();
    ClusterTable table = table();
    int[] rows = rows();
    SizeHistogram sizes = SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, table.sizes());
    return new Pretraining(
        config, new TrainingData(file(), info, table, rows, rows, sizes, sizes, 0));
  }

  /// The configuration of the classifier that a network over hits is.
  ///
  /// @throws InputException where activations are not to be f32
  FinetuneConfig classifier() {
    if (config.storage() != Storage.F32) {
      throw new InputException(
          "--precision " + config.precision,
          "is not there for networks over hits",
          "Use --precision f32");
    }
    FinetuneConfig classifier = new FinetuneConfig();
    plain(classifier);
    classifier.arch = config.arch;
    classifier.side = config.side;
    classifier.maxScale = config.maxScale;
    classifier.batch = config.batch;
    classifier.precision = config.precision;
    classifier.seed = config.seed;
    classifier.recompute = config.recompute;
    classifier.dropout = 0;
    return classifier;
  }

  /// The clusters of the batch with the particles that made them.
  public FinetuneData labelled() {
    DatasetInfo info = info();
    ClusterTable table = table();
    Labels labels = Labels.byParticle(table, info, List.of());
    int[] rows = rows();
    return new FinetuneData(
        file(), info, table, labels, labels.classNames(), List.of(), rows, rows);
  }

  private Path file() {
    return clusters == null ? MADE_UP : clusters;
  }

  private int[] rows() {
    return IntStream.range(0, config.batch).toArray();
  }

  private DatasetInfo info() {
    if (clusters == null) {
      return DatasetInfo.of(
          Version.CURRENT,
          new SourceInfo(MADE_UP.toString(), "", "", "", 256, 256, true, EnergyUnit.KEV, Map.of()));
    }
    try (DatasetReader reader = DatasetReader.open(clusters)) {
      return reader.info();
    }
  }

  private ClusterTable table() {
    if (clusters == null) {
      return madeUp();
    }
    try (DatasetReader reader = DatasetReader.open(clusters)) {
      ClusterTable all = reader.loadAll(Progress.NONE);
      int[] used =
          IntStream.range(0, all.count())
              .filter(row -> !overHits() || known(all.truth(row)))
              .toArray();
      if (used.length < config.batch) {
        throw new InputException(
            clusters,
            "has %d clusters%s, fewer than the batch of %d"
                .formatted(used.length, overHits() ? " of known particles" : "", config.batch),
            "Give a smaller --batch, or a data set of more simulated clusters");
      }
      return all.select(TaskData.sample(used, config.batch));
    }
  }

  private static boolean known(@Nullable Truth truth) {
    return truth != null && truth.particle() != Truth.UNKNOWN_PARTICLE;
  }

  // Random walks over neighbouring pixels, of about the energies and times of electrons; protons
  // leave twice the energy.
  private ClusterTable madeUp() {
    List<Cluster> made = new ArrayList<>();
    for (int i = 0; i < config.batch; i++) {
      int x = 128;
      int y = 128;
      Set<List<Integer>> walk = new LinkedHashSet<>();
      for (int k = 0; walk.size() < hits; k++) {
        walk.add(List.of(x, y));
        int turn = (int) Math.floorMod(Philox.bits(config.seed, i, k), (long) NEIGHBOURS + 1);
        x += turn / 3 - 1;
        y += turn % 3 - 1;
      }
      boolean proton = overHits() && i % 2 == 1;
      Particle particle = proton ? Particle.PROTON : Particle.ELECTRON;
      int factor = proton ? 2 : 1;
      short[] xs = new short[hits];
      short[] ys = new short[hits];
      float[] energy = new float[hits];
      float[] toa = new float[hits];
      int at = 0;
      for (List<Integer> pixel : walk) {
        xs[at] = pixel.get(0).shortValue();
        ys[at] = pixel.get(1).shortValue();
        energy[at] = (float) (factor * (5 + 60 * Philox.uniform(Philox.bits(config.seed, ~i, at))));
        toa[at] = 2 * at;
        at++;
      }
      made.add(new Cluster(0, 0, xs, ys, energy, toa).withTruth(Truth.ofParticle(particle.pdg())));
    }
    return ClusterTable.of(made, 0);
  }
}
