package org.pixelwake.run.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.run.RunFolder;
import org.pixelwake.training.metrics.Bootstrap;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.LearningCurve;
import org.pixelwake.training.metrics.SeedMean;

/// What the runs of a study have left so far.
///
/// @param scores of each variation and baseline, one a seed that is done
/// @param curves accuracy on held-out clusters over the steps, likewise; none of baselines
/// @param batches accuracy on the batches trained on, the mean of some in a row, likewise
/// @param features one a seed that is done
/// @param overTrees by how much the accuracy of each is larger than that of tuned trees on the same
///   test clusters, with its interval; of those alone that have such trees beside them
record StudyResults(
    Map<String, List<StudyScores>> scores,
    Map<String, List<LearningCurve>> curves,
    Map<String, List<LearningCurve>> batches,
    List<StudyFeatures.Result> features,
    Map<String, Spread> overTrees) {
  private static final String ACCURACY = "heldout_balanced_accuracy";

  /// Batches in a row whose accuracy is averaged.
  static final int BATCHES = 20;

  static StudyResults read(StudyFolder folder, StudyPlan plan) {
    Map<String, List<StudyScores>> scores = new LinkedHashMap<>();
    Map<String, List<LearningCurve>> curves = new LinkedHashMap<>();
    Map<String, List<LearningCurve>> batches = new LinkedHashMap<>();
    List<StudyFeatures.Result> features = new ArrayList<>();
    for (String name : plan.variations().keySet()) {
      for (long seed : plan.seeds()) {
        Optional<StudyScores> done = folder.read("finetune", name, seed, StudyScores.class);
        if (done.isPresent()) {
          add(scores, name, done.get());
          StudyPlan.Variation variation = plan.variations().get(name);
          if (variation != null && variation.network() != null) {
            continue;
          }
          RunFolder run = folder.finetuning(name, seed);
          MetricsTail.Curve column = run.column(ACCURACY);
          add(curves, name, new LearningCurve(column.steps(), column.values()));
          averaged(run.column("accuracy")).ifPresent(curve -> add(batches, name, curve));
        }
      }
    }
    for (String name : plan.baselines().keySet()) {
      for (long seed : plan.seeds()) {
        folder
            .read("baseline", name, seed, StudyScores.class)
            .ifPresent(done -> add(scores, name, done));
      }
    }
    for (long seed : plan.seeds()) {
      folder.read("features", "map", seed, StudyFeatures.Result.class).ifPresent(features::add);
    }
    Map<String, Spread> overTrees = new LinkedHashMap<>();
    scores.forEach((name, seeds) -> {
      String trees = plan.fewLabels().has(name) ? null : tunedTrees(plan, name);
      if (trees != null && !trees.equals(name)) {
        difference(seeds, scores.getOrDefault(trees, List.of()))
            .ifPresent(found -> overTrees.put(name, found));
      }
    });
    return new StudyResults(scores, curves, batches, features, overTrees);
  }

  /// Returns the name of the tuned trees of the data that a variation or a baseline is of, those
  /// that the plan's roles name before others; null where there are none.
  static @Nullable String tunedTrees(StudyPlan plan, String name) {
    StudyPlan.Variation variation = plan.variations().get(name);
    StudyPlan.Baseline baseline = plan.baselines().get(name);
    String data = variation != null ? variation.data() : baseline != null ? baseline.data() : "";
    List<String> tuned =
        plan.baselines().entrySet().stream()
            .filter(one ->
                one.getValue().tune()
                    && one.getValue().data().equals(data)
                    && !plan.fewLabels().has(one.getKey()))
            .map(Map.Entry::getKey)
            .toList();
    String role = plan.roles().trees();
    return tuned.contains(role) ? role : tuned.isEmpty() ? null : tuned.getFirst();
  }

  // Of the seeds that both have; none where these were not measured on the same clusters.
  private static Optional<Spread> difference(List<StudyScores> one, List<StudyScores> other) {
    List<boolean[]> ours = new ArrayList<>();
    List<boolean[]> theirs = new ArrayList<>();
    List<Double> bySeed = new ArrayList<>();
    StudyOutcomes first = one.getFirst().outcomes();
    for (StudyScores mine : one) {
      for (StudyScores yours : other) {
        if (mine.seed() == yours.seed()
            && first.sameClusters(mine.outcomes())
            && first.sameClusters(yours.outcomes())) {
          ours.add(mine.outcomes().rights());
          theirs.add(yours.outcomes().rights());
          bySeed.add(mine.value("balanced") - yours.value("balanced"));
        }
      }
    }
    if (ours.isEmpty()) {
      return Optional.empty();
    }
    Estimate found = SeedMean.difference(first.classes(), ours, theirs, Bootstrap.DEFAULT);
    return Optional.of(
        Spread.of(bySeed.stream().mapToDouble(Double::doubleValue).toArray())
            .interval(found.low(), found.high()));
  }

  private static Optional<LearningCurve> averaged(MetricsTail.Curve column) {
    int points = column.values().length - BATCHES + 1;
    if (points < 1) {
      return Optional.empty();
    }
    double[] means = new double[points];
    for (int i = 0; i < points; i++) {
      means[i] = Arrays.stream(column.values(), i, i + BATCHES).average().orElseThrow();
    }
    long[] steps = Arrays.copyOfRange(column.steps(), BATCHES - 1, column.steps().length);
    return Optional.of(new LearningCurve(steps, means));
  }

  private static <T> void add(Map<String, List<T>> lists, String name, T value) {
    lists.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  /// Scores of all seeds; none where the name is not of the study.
  List<StudyScores> of(String name) {
    return scores.getOrDefault(name, List.of());
  }

  /// A figure of each seed.
  double[] figures(String name, String figure) {
    return of(name).stream().mapToDouble(s -> s.value(figure)).toArray();
  }

  /// A figure over the seeds, with an interval that holds the drawing of test clusters and of seeds
  /// ([SeedMean]).
  Spread measure(String name, String figure) {
    Spread over = Spread.of(figures(name, figure));
    List<Estimate> seeds =
        of(name).stream()
            .map(scores -> scores.figures().get(figure))
            .filter(Objects::nonNull)
            .filter(one -> Double.isFinite(one.low()) && Double.isFinite(one.high()))
            .toList();
    if (seeds.isEmpty() || seeds.size() < over.count()) {
      return over;
    }
    Estimate mean = SeedMean.of(seeds, Bootstrap.DEFAULT.level());
    return over.interval(mean.low(), mean.high());
  }

  /// Steps to a share of the final accuracy on held-out clusters of each seed; NaN where it is
  /// never reached.
  double[] steps(String name, double share, boolean ofRise) {
    return steps(curves, name, curve -> ofRise ? curve.stepsToRise(share) : curve.stepsTo(share));
  }

  /// As [#steps], on the batches trained on. These are normalised by their own statistics, where
  /// held-out clusters are by running ones, which come late after what a new network learns.
  double[] batchSteps(String name, double share) {
    return steps(batches, name, curve -> curve.stepsTo(share));
  }

  private static double[] steps(
      Map<String, List<LearningCurve>> curves,
      String name,
      Function<LearningCurve, OptionalLong> steps) {
    return curves.getOrDefault(name, List.of()).stream()
        .map(steps)
        .mapToDouble(found -> found.isPresent() ? found.getAsLong() : Double.NaN)
        .toArray();
  }

  /// R2 of a quantity over the seeds, of all clusters or of tracks (more than 8 hits) alone.
  Spread probe(boolean tracks, int stage, String quantity) {
    return Spread.of(
        probes(tracks)
            .mapToDouble(probes -> probes.get(stage).getOrDefault(quantity, Double.NaN))
            .toArray());
  }

  /// Quantities that probes were held against, in their order.
  List<String> probed(boolean tracks) {
    return probes(tracks)
        .flatMap(probes -> probes.getFirst().keySet().stream())
        .distinct()
        .toList();
  }

  // R2 by quantity of every stage, seed by seed.
  private Stream<List<Map<String, Double>>> probes(boolean tracks) {
    return features.stream().map(f -> tracks ? f.trackProbes() : f.probes());
  }
}
