package org.pixelwake.run.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.run.RunFolder;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.LearningCurve;

/// What the runs of a study have left so far.
///
/// @param scores of each variation and baseline, one a seed that is done
/// @param curves accuracy on held-out clusters over the steps, likewise; none of baselines
/// @param batches accuracy on the batches trained on, the mean of some in a row, likewise
/// @param features one a seed that is done
public record StudyResults(
    Map<String, List<StudyScores>> scores,
    Map<String, List<LearningCurve>> curves,
    Map<String, List<LearningCurve>> batches,
    List<StudyFeatures.Result> features) {
  private static final String ACCURACY = "heldout_balanced_accuracy";

  /// Batches in a row whose accuracy is averaged.
  static final int BATCHES = 20;

  public static StudyResults read(StudyFolder folder, StudyPlan plan) {
    Map<String, List<StudyScores>> scores = new LinkedHashMap<>();
    Map<String, List<LearningCurve>> curves = new LinkedHashMap<>();
    Map<String, List<LearningCurve>> batches = new LinkedHashMap<>();
    for (String name : plan.variations().keySet()) {
      scores.put(name, new ArrayList<>());
      curves.put(name, new ArrayList<>());
      batches.put(name, new ArrayList<>());
      for (long seed : plan.seeds()) {
        Path file = folder.result("finetune", name, seed);
        if (Files.exists(file)) {
          add(scores, name, StudyFolder.read(file, StudyScores.class));
          RunFolder run = folder.finetuning(name, seed);
          MetricsTail.Curve column = run.column(ACCURACY);
          add(curves, name, new LearningCurve(column.steps(), column.values()));
          averaged(run.column("accuracy")).ifPresent(curve -> add(batches, name, curve));
        }
      }
    }
    for (String name : plan.baselines().keySet()) {
      scores.put(name, new ArrayList<>());
      for (long seed : plan.seeds()) {
        Path file = folder.result("baseline", name, seed);
        if (Files.exists(file)) {
          add(scores, name, StudyFolder.read(file, StudyScores.class));
        }
      }
    }
    List<StudyFeatures.Result> features = new ArrayList<>();
    for (long seed : plan.seeds()) {
      Path file = folder.result("features", "map", seed);
      if (Files.exists(file)) {
        features.add(StudyFolder.read(file, StudyFeatures.Result.class));
      }
    }
    return new StudyResults(scores, curves, batches, features);
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
  public List<StudyScores> of(String name) {
    List<StudyScores> found = scores.get(name);
    return found == null ? List.of() : found;
  }

  /// A figure of each seed.
  double[] figures(String name, String figure) {
    return of(name).stream().mapToDouble(s -> s.value(figure)).toArray();
  }

  /// A figure over the seeds, with the bootstrap interval of the first seed where there is one
  /// seed.
  public Spread measure(String name, String figure) {
    Spread over = Spread.of(figures(name, figure));
    Estimate only = only(name, figure);
    return only != null && Double.isFinite(only.low()) && Double.isFinite(only.high())
        ? over.interval(only.low(), only.high())
        : over;
  }

  private @Nullable Estimate only(String name, String figure) {
    List<StudyScores> all = of(name);
    return all.size() == 1 ? all.getFirst().figures().get(figure) : null;
  }

  /// Steps to a share of the final accuracy on held-out clusters of each seed; NaN where it is
  /// never reached.
  public double[] steps(String name, double share, boolean ofRise) {
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
        .mapToDouble(StudyResults::number)
        .toArray();
  }

  private static double number(OptionalLong steps) {
    return steps.isPresent() ? steps.getAsLong() : Double.NaN;
  }

  /// What the probes of all seeds tell of a quantity.
  ///
  /// @param tracks of clusters of more than 8 hits alone
  public Spread probe(boolean tracks, int stage, String quantity) {
    return Spread.of(
        probes(tracks)
            .mapToDouble(probes -> probes.get(stage).getOrDefault(quantity, Double.NaN))
            .toArray());
  }

  /// Quantities that probes were held against, in their order.
  ///
  /// @param tracks of clusters of more than 8 hits alone
  public List<String> probed(boolean tracks) {
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
