package org.pixelwake.run.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Spread;
import org.pixelwake.run.Host;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.TextTable;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.ClusterBatches;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.timepix.features.SensorShape;
import org.pixelwake.training.analysis.FewLabels;
import org.pixelwake.training.analysis.FewLabels.Learner;
import org.pixelwake.training.analysis.FewLabels.Score;
import org.pixelwake.training.analysis.FewLabels.Told;
import org.pixelwake.training.baseline.BaselineOptions;
import org.pixelwake.training.baseline.FeatureBaseline;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.target.Labels;

/// Tells how well the classes of clusters are read from their features ([Embedding]) after few
/// labels: by logistic regression and nearest neighbours, and by boosted trees on the features of
/// `pixelwake features` beside them.
///
/// @param settings how it was done
/// @param files that were read
/// @param features number of features of a cluster
/// @param classes names of the classes
/// @param train number of clusters of each class that labels were drawn from
/// @param test number of clusters of each class that were told
/// @param scores of each learner after each number of labels
public record FeatureProbe(
    Settings settings,
    List<Path> files,
    int features,
    List<String> classes,
    int[] train,
    int[] test,
    List<Score> scores) {
  private static final String LOGISTIC = "logistic regression";
  private static final String NEIGHBOURS = "nearest neighbours";
  private static final String TREES = "boosted trees";

  /// Numbers of labels where none are named, beside all.
  private static final List<Integer> COUNTS = List.of(50, 200, 1000, 5000);

  private static final double PITCH_UM = 55;
  private static final double THICKNESS_UM = 300;

  /// How classes are found and labels drawn.
  ///
  /// @param bySource classes are sources, not particles
  /// @param classes as [Labels#byParticle] and [Labels#bySource] take them
  /// @param counts numbers of labels, [FewLabels#ALL] for all; none: 50, 200, 1000 and 5000 as far
  ///   as there are so many, and all
  /// @param draws of each number
  /// @param split of the table, where there is no other to test on
  /// @param seed of the draws
  /// @param resamples of the bootstrap over test clusters; 0: no intervals
  public record Settings(
      boolean bySource,
      List<String> classes,
      List<Integer> counts,
      int draws,
      Split split,
      long seed,
      int resamples) {}

  /// The files that are probed.
  ///
  /// @param train table of features
  /// @param test another one to test on; null: a part of the first
  /// @param trees the data sets that the tables are of, first that of `train`, for boosted trees;
  ///   none: no trees
  public record Input(Path train, @Nullable Path test, List<Path> trees) {}

  /// Reads the tables and probes them.
  ///
  /// @throws InputException where they do not fit each other or the settings
  public static FeatureProbe of(Input input, Settings settings, Host host) {
    try (Host.Shown shown = host.progress("probing")) {
      Progress progress = host.cancelling(shown);
      EmbeddingTable train = EmbeddingTable.read(input.train, progress);
      EmbeddingTable other = input.test == null ? null : EmbeddingTable.read(input.test, progress);
      Parts parts = parts(train, other, settings);
      Map<String, Learner> learners = learners(input, parts, progress);
      FewLabels.Options options =
          new FewLabels.Options(
              counts(parts, settings),
              settings.draws,
              settings.seed,
              new Bootstrap(settings.resamples, Bootstrap.DEFAULT.level(), settings.seed));
      int classes = parts.classes.size();
      List<Score> scores =
          FewLabels.of(learners, parts.train.labels, parts.test.labels, classes, options, progress);
      List<Path> files = new ArrayList<>(List.of(input.train));
      if (input.test != null) {
        files.add(input.test);
      }
      return new FeatureProbe(
          settings,
          List.copyOf(files),
          train.features(),
          parts.classes,
          parts.train.counts(classes),
          parts.test.counts(classes),
          scores);
    }
  }

  /// Clusters of a table and their classes.
  private record Part(EmbeddingTable table, int[] rows, int[] labels) {
    static Part of(EmbeddingTable table, int[] rows, Labels labels) {
      return new Part(table, rows, Arrays.stream(rows).map(labels::of).toArray());
    }

    int[] counts(int classes) {
      int[] counts = new int[classes];
      Arrays.stream(labels).forEach(label -> counts[label]++);
      return counts;
    }

    float[][] features() {
      return table.features(rows);
    }
  }

  private record Parts(List<String> classes, Part train, Part test) {}

  private static Parts parts(
      EmbeddingTable train, @Nullable EmbeddingTable other, Settings settings) {
    Labels labels = labels(train, settings, settings.classes);
    List<String> classes = labels.classNames();
    require(train, labels, 2);
    if (classes.size() < 2) {
      throw new InputException(
          train.file().toString(),
          "classes",
          "there is " + classes.getFirst() + " alone",
          "Give clusters of at least two classes");
    }
    if (other == null) {
      Split.Parts parts = labels.split(settings.split);
      return new Parts(
          classes, Part.of(train, parts.train(), labels), Part.of(train, parts.heldOut(), labels));
    }
    if (other.features() != train.features() || other.info().unit() != train.info().unit()) {
      throw new InputException(
          other.file(),
          "it has %d features of clusters in %s, %s has %d in %s"
              .formatted(
                  other.features(),
                  other.info().unit().label(),
                  train.file(),
                  train.features(),
                  train.info().unit().label()),
          "Embed both with the same model");
    }
    Labels told =
        settings.bySource
            ? labels(other, settings, settings.classes).withClasses(classes)
            : labels(other, settings, classes);
    require(other, told, 1);
    return new Parts(
        classes, Part.of(train, labels.rows(), labels), Part.of(other, told.rows(), told));
  }

  private static Labels labels(EmbeddingTable table, Settings settings, List<String> classes) {
    return settings.bySource
        ? Labels.bySource(table, table.info(), classes)
        : Labels.byParticle(table, table.info(), classes);
  }

  private static void require(EmbeddingTable table, Labels labels, int least) {
    int[] counts = labels.counts();
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] < least) {
        throw new InputException(
            table.file().toString(),
            "class " + labels.classNames().get(c),
            "it has " + counts[c] + " clusters",
            "Leave it out of --classes, or give more data");
      }
    }
  }

  private static List<Integer> counts(Parts parts, Settings settings) {
    int classes = parts.classes.size();
    int[] ofClass = parts.train.counts(classes);
    int most = FewLabels.most(parts.train.labels, classes);
    if (settings.counts.isEmpty()) {
      List<Integer> counts = new ArrayList<>(COUNTS);
      counts.removeIf(count -> count > most || count < 2 * classes);
      counts.add(FewLabels.ALL);
      return counts;
    }
    for (int count : settings.counts) {
      if (count != FewLabels.ALL && count < 2 * classes) {
        throw new InputException(
            "--train-labels",
            Integer.toString(count),
            "these are too few for " + classes + " classes: cross-validation takes two of each",
            "Give " + 2 * classes + " or more");
      }
      if (count > most) {
        int rarest =
            IntStream.range(0, classes).filter(c -> ofClass[c] * classes == most).min().orElse(0);
        throw new InputException(
            "--train-labels",
            Integer.toString(count),
            "there are "
                + Texts.count(ofClass[rarest])
                + " clusters of "
                + parts.classes.get(rarest)
                + " to draw from, so "
                + Texts.count(most)
                + " labels at most, as many of each class",
            "Give fewer, or all, or more data");
      }
    }
    return settings.counts;
  }

  private static Map<String, Learner> learners(Input input, Parts parts, Progress progress) {
    int classes = parts.classes.size();
    FewLabels.Features features =
        new FewLabels.Features(
            parts.train.features(), parts.train.labels, parts.test.features(), classes);
    requireDifferent(parts.train);
    Map<String, Learner> learners = new LinkedHashMap<>();
    learners.put(LOGISTIC, features.logistic());
    learners.put(NEIGHBOURS, features.neighbours());
    if (!input.trees.isEmpty()) {
      learners.put(TREES, trees(input, parts, progress));
    }
    return learners;
  }

  private static void requireDifferent(Part part) {
    float[][] features = part.features();
    if (Arrays.stream(features).allMatch(one -> Arrays.equals(one, features[0]))) {
      throw new InputException(
          part.table.file(),
          "all clusters have the same features, which tell nothing",
          "Check the model that they come from");
    }
  }

  private static Learner trees(Input input, Parts parts, Progress progress) {
    int wanted = input.test == null ? 1 : 2;
    if (input.trees.size() != wanted) {
      throw new InputException(
          "--trees",
          "it names " + input.trees.size() + " data sets",
          wanted == 1
              ? "Name the one that was embedded"
              : "Name two with a comma between them: those that were embedded to train and to test");
    }
    Measured train = Measured.read(input.trees.getFirst(), parts.train, progress);
    Measured test =
        wanted == 1
            ? Measured.of(input.trees.getFirst(), train.clusters, parts.test)
            : Measured.read(input.trees.getLast(), parts.test, progress);
    BaselineOptions options = BaselineOptions.DEFAULT.withBalanced(true);
    return (rows, seed, within) -> {
      int[] own = Arrays.stream(rows).map(i -> train.rows[i]).toArray();
      int[] labels = Arrays.stream(rows).map(i -> parts.train.labels[i]).toArray();
      FeatureBaseline trees =
          FeatureBaseline.fit(
              train.clusters.table(),
              own,
              labels,
              parts.classes.size(),
              train.sensor(),
              seed,
              options);
      return new Told(trees.probabilities(test.clusters.table(), test.rows), Double.NaN);
    };
  }

  /// The clusters of a part in the data set that was embedded.
  private record Measured(ClusterBatches.Part clusters, int[] rows) {
    static Measured read(Path data, Part part, Progress progress) {
      return of(data, ClusterBatches.load(data, ClusterOptions.defaults(), progress), part);
    }

    static Measured of(Path data, ClusterBatches.Part clusters, Part part) {
      int[] rows = new int[part.rows.length];
      for (int i = 0; i < rows.length; i++) {
        long row = part.table.row(part.rows[i]);
        if (row >= clusters.table().count()
            || clusters.table().size((int) row) != part.table.size(part.rows[i])
            || clusters.table().energySum((int) row) != part.table.energy(part.rows[i])) {
          throw new InputException(
              data.toString(),
              "row " + row,
              "it is not the cluster that " + part.table.file() + " has there",
              "Name the data set that was embedded with --trees");
        }
        rows[i] = (int) row;
      }
      return new Measured(clusters, rows);
    }

    SensorShape sensor() {
      int width = clusters.sources().stream().mapToInt(source -> source.width()).max().orElse(1);
      int height = clusters.sources().stream().mapToInt(source -> source.height()).max().orElse(1);
      return new SensorShape(width, height, PITCH_UM, THICKNESS_UM);
    }
  }

  /// Returns the scores as a table for people.
  public TextTable table() {
    TextTable table =
        new TextTable(
            1, "probe", "labels", "balanced accuracy", "95 % interval", "draws +-", "chosen");
    for (Score score : scores) {
      Spread accuracy = score.balancedAccuracy();
      table.add(
          score.learner(),
          (score.all() ? "all " : "") + Texts.count(score.labels()),
          String.format(Locale.ROOT, "%.4f", accuracy.mean()),
          accuracy.hasInterval()
              ? String.format(Locale.ROOT, "%.4f to %.4f", accuracy.low(), accuracy.high())
              : "",
          Double.isFinite(accuracy.deviation())
              ? String.format(Locale.ROOT, "%.4f", accuracy.deviation())
              : "",
          chosen(score));
    }
    return table;
  }

  private static String chosen(Score score) {
    String name = name(score);
    return name.isEmpty()
        ? ""
        : name + " " + String.join(", ", score.chosen().stream().map(FeatureProbe::text).toList());
  }

  // What a learner chooses.
  private static String name(Score score) {
    return switch (score.learner()) {
      case LOGISTIC -> "strength";
      case NEIGHBOURS -> "neighbours";
      default -> "";
    };
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.3g", value).replaceAll("\\.0+$|(\\.\\d*?)0+$", "$1");
  }

  /// Returns all of it as JSON; a number that is not defined is null.
  public ObjectNode json() {
    ObjectNode node = JsonOutput.object();
    ArrayNode read = node.putArray("files");
    files.forEach(file -> read.add(file.toString()));
    node.put("features", features);
    ObjectNode ofClass = node.putObject("classes");
    for (int c = 0; c < classes.size(); c++) {
      ofClass.putObject(classes.get(c)).put("train", train[c]).put("test", test[c]);
    }
    node.put("seed", settings.seed);
    node.put("resamples", settings.resamples);
    ArrayNode probes = node.putArray("probes");
    for (Score score : scores) {
      ObjectNode one = probes.addObject();
      one.put("probe", score.learner()).put("labels", score.labels()).put("all", score.all());
      Spread accuracy = score.balancedAccuracy();
      one.putObject("balanced_accuracy")
          .put("mean", accuracy.mean())
          .put("deviation", number(accuracy.deviation()))
          .put("low", number(accuracy.low()))
          .put("high", number(accuracy.high()));
      ArrayNode draws = one.putArray("draws");
      for (int d = 0; d < score.draws().size(); d++) {
        ObjectNode draw = draws.addObject().put("balanced_accuracy", score.draws().get(d));
        if (!name(score).isEmpty()) {
          draw.put(name(score), score.chosen().get(d));
        }
      }
    }
    return node;
  }

  private static @Nullable Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
