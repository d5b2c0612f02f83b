package org.pixelwake.run.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.engine.Device;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Axis;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ProbeTable;
import org.pixelwake.report.section.ComparisonSection;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.MaskComparison;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.RunTable.Better;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.StatementSection;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.EvaluationFigures;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Estimate;

/// The report of a study, out of what its runs have left.
record StudyFigures(StudyFolder folder, StudyPlan plan, Device device, StudyResults results) {
  /// Anchor of the table of probes of tracks.
  static final String PROBE = "probe";

  private static final List<RunTable.Column> COLUMNS =
      List.of(
          new RunTable.Column(
              "Accuracy",
              "",
              Better.HIGHER,
              "accuracy-of-runs",
              "Share of test clusters, as many of each class, that are told right."),
          column(
              "Up to 8 hits",
              Better.HIGHER,
              "The same of clusters of at most 8 hits, mean over the classes."),
          column("Beyond 8 hits", Better.HIGHER, "The same of clusters of more than 8 hits."),
          column("AUC", Better.HIGHER, "Area under the receiver's characteristic."),
          column(
              "Calibration error",
              Better.LOWER,
              "Mean difference between confidence and accuracy."),
          column(
              "Steps to 90 %",
              Better.LOWER, "Training steps to 90 % of the final accuracy on held-out clusters."));

  // Of the columns but the last.
  private static final List<String> KEYS =
      List.of("accuracy", "small", "large", "auc", "calibration");

  private static final RunTable.Column OVER_TREES =
      column(
          "Over tuned trees",
          Better.HIGHER,
          "By how much the accuracy is larger than that of boosted trees on the same test clusters"
              + " and the same seeds, whose depth, learning rate and number were chosen on the"
              + " training clusters. Clusters are resampled in pairs, within their classes.");

  private static RunTable.Column column(String name, Better better, String explanation) {
    return new RunTable.Column(name, "", better, "", explanation);
  }

  static void write(StudyFolder folder, StudyPlan plan, Device device) {
    new StudyFigures(folder, plan, device, StudyResults.read(folder, plan)).write();
  }

  private void write() {
    StudySharpness sharpness = new StudySharpness(folder, plan, device);
    Palette palette = new Palette();
    List<Diagram> quality = new ArrayList<>(List.of(roc(), reliability()));
    quality.addAll(confusion());
    Report.Builder report =
        Report.builder(plan.title())
            .summary(summary())
            .section(new RunSection(table(), palette))
            .section(new RunSection("few-labels", "Few labels", fewLabels(), palette))
            .section(DiagramSection.curves(List.of(curve()), palette))
            .section(DiagramSection.binned(binned(), palette))
            .section(DiagramSection.quality(quality, palette));
    MaskComparison comparison = sharpness.comparison();
    if (comparison != null) {
      report.section(new ComparisonSection(comparison));
    }
    if (!results.features().isEmpty()) {
      new StudyMaps(folder, plan, device, results.features().getFirst()).addTo(report);
      report.section(
          DiagramSection.probes(
              Stream.of(
                      probes(true, PROBE, "R² by quantity: clusters of more than 8 hits"),
                      probes(false, "probe-all", "R² by quantity: all clusters"))
                  .filter(table -> !table.rows().isEmpty())
                  .toList()));
    }
    report.section(provenance());
    List<Statement> statements = StudyStatements.of(plan, results, sharpness);
    report
        .sectionFirst(new StatementSection(statements, report.titles()))
        .build()
        .write(folder.report());
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        "%s, %s of finetuning and %s, each with %s; numbers are means over the seeds ± their"
            + " standard deviation.",
        counted(plan.pretrainings().size(), "pretraining"),
        counted(plan.variations().size(), "variation"),
        counted(plan.baselines().size(), "baseline"),
        counted(plan.seeds().size(), "seed"));
  }

  private static String counted(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  /// Accuracy of each row over the numbers of labels.
  private RunTable fewLabels() {
    FewLabelRows few = plan.fewLabels();
    List<RunTable.Column> columns =
        few.labels().stream()
            .map(count ->
                column(
                    Texts.count(count) + " labels",
                    Better.HIGHER,
                    "Accuracy after learning from so many labelled clusters."))
            .toList();
    List<RunTable.Row> rows = new ArrayList<>();
    few.rows()
        .forEach((name, row) -> {
          List<Spread> values =
              few.labels().stream()
                  .map(count -> results.measure(few.name(name, count), "accuracy"))
                  .toList();
          if (values.stream().anyMatch(Spread::measured)) {
            rows.add(new RunTable.Row(name, row.trees(), told("", row.description()), values));
          }
        });
    return new RunTable(
        "Each seed draws its labels anew; those of a seed are the same for all rows, and fewer are"
            + " among more. Intervals hold the drawing of test clusters, labels and seeds.",
        columns,
        rows);
  }

  private RunTable table() {
    boolean compared = !results.overTrees().isEmpty();
    List<RunTable.Column> columns = new ArrayList<>(COLUMNS);
    if (compared) {
      columns.add(1, OVER_TREES);
    }
    List<RunTable.Row> rows = new ArrayList<>();
    for (String name : shown()) {
      List<Spread> values = new ArrayList<>();
      KEYS.forEach(key -> values.add(results.measure(name, key)));
      values.add(Spread.of(results.steps(name, StudyStatements.CONVERGED, false)));
      if (compared) {
        values.add(1, results.overTrees().getOrDefault(name, Spread.NONE));
      }
      StudyPlan.Baseline baseline = plan.baselines().get(name);
      StudyPlan.Variation variation = plan.variations().get(name);
      String description =
          variation != null
              ? told("", variation.description())
              : baseline != null ? told("", baseline.description()) + chosen(name) : "";
      boolean beside = baseline != null || name.equals(plan.roles().small());
      rows.add(new RunTable.Row(name, beside, description, values));
    }
    return new RunTable(
        "Measured on clusters that no training has seen, the same for all runs of one data set."
            + " Intervals hold the drawing of test clusters, by bootstrap, and with two seeds and"
            + " more that of seeds, by Student's distribution.",
        columns,
        rows);
  }

  // Trainings with few labels have a table of their own.
  private List<String> shown() {
    return results.scores().keySet().stream().filter(name -> !plan.fewLabels().has(name)).toList();
  }

  /// Settings of trees that were chosen, by seed; empty where none were.
  private String chosen(String name) {
    String seeds =
        results.of(name).stream()
            .flatMap(scores ->
                scores.tuning() == null
                    ? Stream.empty()
                    : Stream.of("seed " + scores.seed() + ": " + scores.tuning().chosen()))
            .collect(Collectors.joining("; "));
    return seeds.isEmpty() ? "" : " Chosen on the training clusters, " + seeds + ".";
  }

  private Figure curve() {
    List<Figure.Line> lines = new ArrayList<>();
    results
        .curves()
        .forEach((name, curves) -> {
          if (plan.fewLabels().has(name)) {
            return;
          }
          List<Figure.Seed> seeds =
              curves.stream()
                  .map(c ->
                      new Figure.Seed(
                          Arrays.stream(c.steps()).asDoubleStream().toArray(), c.values()))
                  .toList();
          lines.add(Figure.Line.ofSeeds(name, seeds));
        });
    return Figure.overSteps(
        "accuracy-over-steps",
        "Accuracy on held-out clusters",
        Axis.of("balanced accuracy"),
        "smallest to largest of the seeds",
        "Mean over the classes, during the finetuning.",
        lines);
  }

  private List<BinnedFigure> binned() {
    return Stream.of(
            binned("hits", "accuracy-hits", "hit count", "hits per cluster", true),
            binned("energy", "accuracy-energy", "energy", "energy, keV", true),
            binned(
                "theta",
                "accuracy-angle",
                "angle",
                "angle from the sensor's normal, degrees",
                false))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<BinnedFigure> binned(
      String key, String id, String against, String quantity, boolean logarithmic) {
    List<BinnedFigure.Line> lines = new ArrayList<>();
    List<AccuracyBin> first = List.of();
    for (String name : shown()) {
      List<List<AccuracyBin>> seeds =
          results.of(name).stream()
              .map(scores -> scores.bins().getOrDefault(key, List.of()))
              .filter(bins -> !bins.isEmpty())
              .toList();
      if (!seeds.isEmpty()) {
        first = first.isEmpty() ? seeds.getFirst() : first;
        lines.add(EvaluationFigures.line(name, means(seeds)));
      }
    }
    return first.isEmpty()
        ? Optional.empty()
        : Optional.of(
            EvaluationFigures.binned(
                id,
                "Accuracy against " + against,
                quantity,
                logarithmic,
                "Mean over the seeds. The number of clusters is that of the first variation.",
                first,
                lines));
  }

  // Seeds share the test clusters: they are not further independent clusters, so the interval is
  // that of one seed's number of them.
  private static List<Estimate> means(List<List<AccuracyBin>> seeds) {
    List<Estimate> means = new ArrayList<>();
    for (int b = 0; b < seeds.getFirst().size(); b++) {
      int at = b;
      long count = seeds.getFirst().get(b).count();
      double mean =
          seeds.stream()
              .mapToDouble(s -> s.get(at).accuracy().value())
              .average()
              .orElse(Double.NaN);
      Estimate interval =
          Estimate.wilson(Math.round(mean * count), count, EvaluationFigures.WILSON_Z);
      means.add(
          count == 0 || Double.isNaN(mean)
              ? Estimate.exact(Double.NaN)
              : new Estimate(mean, interval.low(), interval.high()));
    }
    return means;
  }

  private Figure roc() {
    List<Figure.Line> lines = new ArrayList<>();
    for (String name : shown()) {
      double[][] curve = results.of(name).getFirst().roc();
      lines.add(Figure.Line.rising(name, curve[0], curve[1]));
    }
    return Figure.roc(
        "roc", "Receiver operating characteristic", "", "The first seed of each variation.", lines);
  }

  private Figure reliability() {
    List<Figure.Line> lines = new ArrayList<>();
    List<Spread> errors = new ArrayList<>();
    for (String name : shown()) {
      lines.add(EvaluationFigures.reliability(name, results.of(name).getFirst().reliability()));
      errors.add(results.measure(name, "calibration"));
    }
    return Figure.reliability(
        "reliability",
        "Calibration",
        EvaluationFigures.WILSON,
        "How often a prediction of a given confidence is right; the first seed of each variation.",
        lines,
        errors);
  }

  private List<ConfusionMatrix> confusion() {
    List<ConfusionMatrix> matrices = new ArrayList<>();
    for (String name : List.of(plan.roles().pretrained(), plan.roles().trees())) {
      List<StudyScores> seeds = results.of(name);
      if (seeds.isEmpty()) {
        continue;
      }
      int n = seeds.getFirst().classes().size();
      long[][] sum = new long[n][n];
      for (StudyScores scores : seeds) {
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            sum[i][j] += scores.confusion()[i][j];
          }
        }
      }
      matrices.add(
          new ConfusionMatrix(
              "confusion-" + matrices.size(),
              "Classes found by " + name,
              "All seeds added up. Rows are the true classes.",
              seeds.getFirst().classes(),
              sum));
    }
    return matrices;
  }

  private ProbeTable probes(boolean tracks, String id, String title) {
    List<String> stages = results.features().getFirst().stages();
    List<ProbeTable.Row> rows =
        results.probed(tracks).stream()
            .map(quantity ->
                new ProbeTable.Row(
                    quantity(quantity),
                    IntStream.range(0, stages.size())
                        .mapToObj(stage -> results.probe(tracks, stage, quantity))
                        .toList()))
            .toList();
    return new ProbeTable(
        id,
        title,
        "Ridge regression of each quantity from the ranks of the features of test clusters,"
            + " measured on clusters left out (5 folds), over the seeds. Length, energy and size by"
            + " their logarithms, azimuths by cosine and sine of twice the angle.",
        stages,
        rows);
  }

  /// What a quantity of the probes is called.
  static String quantity(String key) {
    return switch (key) {
      case "azimuth" -> "azimuth of the track";
      case "theta" -> "theta of the particle";
      case "phi" -> "phi of the particle";
      default -> key;
    };
  }

  private SettingsSection provenance() {
    Map<String, String> data = new LinkedHashMap<>();
    plan.data()
        .forEach((name, one) ->
            data.put(
                name,
                one.preset() != null
                    ? String.format(
                        Locale.ROOT,
                        "simulated %s: %s particles, seed %d; %s more to measure on, seed %d",
                        one.preset(),
                        Texts.count(one.particles()),
                        one.seedOf(false),
                        Texts.count(one.testParticles()),
                        one.seedOf(true))
                    : one.file() + told(", measured on ", one.test())));
    Map<String, String> runs = new LinkedHashMap<>();
    plan.pretrainings()
        .forEach((name, one) ->
            runs.put("pretraining " + name, one.data() + told(", ", one.settings())));
    plan.variations()
        .forEach((name, one) ->
            runs.put(
                name,
                one.data()
                    + told(", from ", one.pretraining())
                    + told(", networks of ", one.network())
                    + told(", symmetries ", one.symmetries())
                    + told(", ", one.settings())));
    plan.baselines().forEach((name, one) -> runs.put("baseline " + name, one.data() + tried(name)));
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("device", device.toString());
    environment.put("kernels", device.backend().buildInfo());
    environment.put(
        "seeds", plan.seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    environment.putAll(Machine.environment());
    return SettingsSection.provenance()
        .command("The whole study", "pixelwake study study.yaml -o study")
        .add("Data", data)
        .add("Settings of all pretrainings", text(plan.pretrain()))
        .add("Settings of all finetunings", text(plan.finetune()))
        .add("Runs", runs)
        .add("Environment", environment);
  }

  /// All settings of trees that were tried, of the first seed that is done.
  private String tried(String name) {
    StudyScores.Tuning tuning =
        results.of(name).isEmpty() ? null : results.of(name).getFirst().tuning();
    return tuning == null
        ? ""
        : "; tried with seed "
            + results.of(name).getFirst().seed()
            + ", with the loss on the part of the training clusters left out: "
            + tuning.tried().stream()
                .map(t -> String.format(Locale.ROOT, "%s (%.5f)", t, t.loss()))
                .collect(Collectors.joining("; "));
  }

  private static String told(String before, @Nullable Object what) {
    return what == null ? "" : before + what;
  }

  private static Map<String, String> text(Map<String, Object> settings) {
    Map<String, String> text = new LinkedHashMap<>();
    settings.forEach((name, value) -> text.put(name, String.valueOf(value)));
    return text;
  }
}
