package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.target.Labels;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// A data set made ready for finetuning: in memory, labelled, divided.
///
/// @param file the Parquet file
/// @param info what it says of itself
/// @param table all clusters
/// @param labels classes of the clusters that are used
/// @param classes names of the classes, none for regression alone
/// @param targets what is learned by regression
/// @param train rows to train on
/// @param heldOut rows never trained on
public record FinetuneData(
    Path file,
    DatasetInfo info,
    ClusterTable table,
    Labels labels,
    List<String> classes,
    List<TargetScale> targets,
    int[] train,
    int[] heldOut)
    implements TaskData {
  /// "share" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x7368617265L << 8;

  /// "inner" in ASCII: those held out of all clusters have the smallest draws of the seed itself.
  private static final long INNER = 0x696e6e6572L << 8;

  private static final int DRAWS = 50;

  /// Loads a data set and labels and divides it by a configuration, in which what was left open is
  /// filled in from the model and the training clusters.
  ///
  /// @throws InputException where there is nothing to learn, or the file cannot be read
  public static FinetuneData load(Path file, FinetuneConfig config, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      return of(file, reader.info(), reader.loadAll(progress), config);
    }
  }

  /// As [#load], of clusters that are in memory.
  public static FinetuneData of(
      Path file, DatasetInfo info, ClusterTable table, FinetuneConfig config) {
    config.resolveModel(info.unit());
    Labels labels = labels(file, info, table, config);
    Split.Parts parts = labels.split(new Split(config.heldOut, config.splitUnit(), config.seed));
    int[] train = share(labels, parts.train(), config);
    List<TargetScale> targets =
        config.targetList().stream().map(t -> TargetScale.fit(t, table, train)).toList();
    Scales.resolve(config, table, train, info.hasToa());
    boolean classified = config.labelling() != FinetuneConfig.Labelling.NONE;
    return new FinetuneData(
        file,
        info,
        table,
        labels,
        classified ? labels.classNames() : List.of(),
        targets,
        train,
        parts.heldOut());
  }

  /// The classes of the clusters that a configuration uses.
  ///
  /// @param file for messages
  /// @throws InputException where there are no such clusters
  public static Labels labels(
      Path file, DatasetInfo info, ClusterTable table, FinetuneConfig config) {
    List<RegressionTarget> targets = config.targetList();
    Labels all =
        switch (config.labelling()) {
          case PARTICLE -> Labels.byParticle(table, info, config.classList());
          case SOURCE -> Labels.bySource(table, info, config.classList());
          case PILE_UP -> Labels.byPileUp(table, info, config.classList());
          case NONE -> Labels.all(table, info);
        };
    boolean classified = config.labelling() != FinetuneConfig.Labelling.NONE;
    Labels used =
        all.where(row ->
            table.size(row) >= config.minHits
                && table.size(row) <= config.maxHits
                && (classified || targets.stream().anyMatch(t -> !Float.isNaN(t.of(table, row)))));
    int[] counts = used.counts();
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] < 2) {
        throw new InputException(
            file.toString(),
            "class " + used.classNames().get(c),
            "has %d clusters of %d to %d hits".formatted(counts[c], config.minHits, config.maxHits),
            "Leave it out of --classes, or give more data");
      }
    }
    if (classified && counts.length < 2) {
      throw new InputException(
          file.toString(),
          "classes",
          "there is " + used.classNames().getFirst() + " alone",
          "Give data of at least two classes, or --labels none and --targets");
    }
    return used;
  }

  /// Of every class the clusters with the smallest draws, so that shares are nested; at least one.
  private static int[] share(Labels labels, int[] rows, FinetuneConfig config) {
    if (config.trainShare == 1 && config.trainLabels == 0) {
      return rows;
    }
    if (config.trainLabels > rows.length) {
      throw new InputException(
          "--train-labels " + config.trainLabels,
          "is more than the " + rows.length + " training clusters",
          "Give a smaller number, or more data");
    }
    double share =
        config.trainLabels == 0 ? config.trainShare : (double) config.trainLabels / rows.length;
    int[] counts = labels.counts(rows);
    int[] left = new int[counts.length];
    Arrays.setAll(left, c -> (int) Math.max(1, Math.round(share * counts[c])));
    return Arrays.stream(rows)
        .boxed()
        .sorted(Comparator.comparingLong(row -> Philox.bits(config.seed, STREAM, row)))
        .filter(row -> left[labels.of(row)]-- > 0)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /// Divides the training clusters once more, to choose settings on: as the data set was divided,
  /// by the same unit but other draws, the first of which every class is in both parts. Held-out
  /// clusters are in neither part.
  ///
  /// @param part that the second part is of them, more than 0 and below 1
  /// @throws InputException where a class would not be in both parts
  public Split.Parts inner(FinetuneConfig config, double part) {
    BitSet trained = new BitSet();
    Arrays.stream(train).forEach(trained::set);
    Labels used = labels.where(trained::get);
    for (int draw = 0; ; draw++) {
      try {
        return used.split(new Split(part, config.splitUnit(), config.seed + INNER + draw));
      } catch (InputException e) {
        // All of a class with few clusters may fall into one part by chance, not in every draw.
        if (draw == DRAWS) {
          throw e;
        }
      }
    }
  }

  /// Columns of the network's output: a logit each class, then those of the targets.
  int outputs() {
    return classes.size() + TargetScale.columns(targets);
  }

  /// Number of training clusters of each class.
  public int[] trainCounts() {
    return labels.counts(train);
  }

  /// Class of a row; [Labels#NONE] where there are no classes.
  public int label(int row) {
    return classes.isEmpty() ? Labels.NONE : labels.of(row);
  }

  /// Weights of the classes whose mean over the training clusters is 1.
  float[] classWeights(FinetuneConfig.ClassWeighting weighting) {
    float[] weights = new float[classes.size()];
    Arrays.fill(weights, 1);
    if (weighting == FinetuneConfig.ClassWeighting.BALANCED) {
      int[] counts = trainCounts();
      for (int c = 0; c < weights.length; c++) {
        weights[c] = (float) ((double) train.length / (counts.length * (double) counts[c]));
      }
    }
    return weights;
  }
}
