package org.pixelwake.run.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Axis;
import org.pixelwake.report.section.MaskComparison;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.TrainedModel;
import org.pixelwake.training.TrainingData;
import org.pixelwake.training.metrics.Sharpness;

/// Reconstructions over the iterations of the pretrainings with mask heads and without, and how
/// sharp they are: with heads the image inside the masks that the heads predict, without them what
/// the image head gives.
final class StudySharpness {
  /// Id of the figure of the sharpness over the iterations.
  static final String FIGURE = "sharpness";

  private static final int ITERATIONS = 12;
  private static final int BATCH = 16;

  /// One seed of one of the two pretrainings, with the sharpness of each track at each iteration.
  private record Run(RunFolder.Iterations iterations, double[][] sharpness) {
    double[] means() {
      double[] means = new double[iterations.steps().size()];
      for (int i = 0; i < means.length; i++) {
        int at = i;
        means[i] = Arrays.stream(sharpness).mapToDouble(s -> s[at]).average().orElse(Double.NaN);
      }
      return means;
    }
  }

  private final StudyFolder folder;
  private final StudyPlan plan;
  private final Device device;
  private final List<Run> with = new ArrayList<>();
  private final List<Run> without = new ArrayList<>();
  private @Nullable Function<Figure, MaskComparison> comparison;

  StudySharpness(StudyFolder folder, StudyPlan plan, Device device) {
    this.folder = folder;
    this.plan = plan;
    this.device = device;
    for (long seed : plan.seeds()) {
      read(seed);
    }
  }

  /// Mean over the tracks at the end, of each seed.
  double[] last(boolean heads) {
    return (heads ? with : without)
        .stream().mapToDouble(run -> run.means()[run.means().length - 1]).toArray();
  }

  boolean pictured() {
    return comparison != null;
  }

  private boolean done(String name, long seed) {
    return !name.isEmpty() && Files.exists(folder.result("pretrain", name, seed));
  }

  private void read(long seed) {
    String heads = plan.roles().heads();
    String headless = plan.roles().headless();
    StudyPlan.Pretrained one = plan.pretrainings().get(heads);
    if (one == null || !done(heads, seed) || !done(headless, seed)) {
      return;
    }
    Path dataset = Study.dataset(folder, plan, one.data(), false);
    try (TrainedModel model = TrainedModel.read(device, folder.pretraining(heads, seed).path())) {
      TrainingData data = TrainingData.load(dataset, model.config(), Progress.NONE);
      int[] rows = data.pictured(model.config().pictures);
      Evaluation.Picture[] targets;
      try (Evaluation evaluation = model.evaluation(data.table(), rows, BATCH)) {
        targets = evaluation.pictures(data.table(), rows);
      }
      Run first = run(heads, seed, targets, true);
      Run second = run(headless, seed, targets, false);
      with.add(first);
      without.add(second);
      if (seed == plan.seeds().getFirst()
          && first.iterations.steps().equals(second.iterations.steps())) {
        comparison = compare(model.config().energyScale, data, rows, targets, first, second);
      }
    }
  }

  private Run run(String name, long seed, Evaluation.Picture[] targets, boolean heads) {
    RunFolder.Iterations iterations =
        folder.pretraining(name, seed).iterations(Long.MAX_VALUE, ITERATIONS);
    double[][] sharpness = new double[targets.length][iterations.steps().size()];
    for (int t = 0; t < targets.length; t++) {
      int side = targets[t].side();
      float[] target = RunReports.target(targets[t], 0).values();
      for (int i = 0; i < sharpness[t].length; i++) {
        FloatImage image =
            heads ? iterations.tracks().get(t).get(i).energy() : iterations.raw().get(t).get(i);
        sharpness[t][i] = Sharpness.of(image.values(), target, side);
      }
    }
    return new Run(iterations, sharpness);
  }

  private static Function<Figure, MaskComparison> compare(
      float energyScale,
      TrainingData data,
      int[] rows,
      Evaluation.Picture[] targets,
      Run first,
      Run second) {
    List<MaskComparison.Pair> pairs = new ArrayList<>();
    for (int t = 0; t < rows.length; t++) {
      FloatImage energy = RunReports.target(targets[t], 0);
      pairs.add(
          new MaskComparison.Pair(
              "Track " + (t + 1),
              RunReports.caption(data.table(), rows[t], data.info().unit()),
              energy,
              energy,
              first.iterations.tracks().get(t),
              second.iterations.raw().get(t),
              first.sharpness[t],
              second.sharpness[t]));
    }
    return curve ->
        new MaskComparison(
            "Held-out clusters of the first seed. Sharpness is the sum of the steps across the true"
                + " edge of the cluster over the sum inside it, relative to the target, whose"
                + " sharpness is 1.",
            energyScale,
            data.info().unit().label(),
            first.iterations.steps(),
            pairs,
            curve);
  }

  /// Returns the comparison of the first seed, with the curve of all seeds; null where there is
  /// none.
  @Nullable MaskComparison comparison() {
    return comparison == null
        ? null
        : comparison.apply(
            Figure.overSteps(
                FIGURE,
                "Sharpness over the training",
                Axis.of("sharpness at the true edge").from(0, 1.1),
                "smallest to largest of the seeds",
                "Mean over the pictured held-out clusters.",
                List.of(line("with mask heads", with), line("without", without))));
  }

  private static Figure.Line line(String name, List<Run> runs) {
    return Figure.Line.ofSeeds(
        name,
        runs.stream()
            .map(run ->
                new Figure.Seed(
                    run.iterations.steps().stream().mapToDouble(Long::doubleValue).toArray(),
                    run.means()))
            .toList());
  }
}
