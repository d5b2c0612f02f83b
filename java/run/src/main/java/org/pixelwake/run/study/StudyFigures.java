package org.pixelwake.run.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.engine.Device;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BandFigure.Axis;
import org.pixelwake.report.plot.BandLine;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ProbeTable;
import org.pixelwake.report.section.ComparisonSection;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.MaskComparison;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.StatementSection;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.EvaluationFigures;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Estimate;

/// The report of a study, out of what its runs have left.
public final class StudyFigures {
  /// Anchor of the table of probes of tracks.
  public static final String PROBE = "probe";

  private record Figure(String name, String key, RunTable.Better better, String explanation) {}

  private static final List<Figure> FIGURES =
      List.of(
          new Figure(
              "Accuracy",
              "accuracy",
              RunTable.Better.HIGHER,
              "Share of test clusters, as many of each class, that are told right."),
          new Figure(
              "Up to 8 hits",
              "small",
              RunTable.Better.HIGHER,
              "The same of clusters of at most 8 hits, mean over the classes."),
          new Figure(
              "Beyond 8 hits",
              "large",
              RunTable.Better.HIGHER,
              "The same of clusters of more than 8 hits."),
          new Figure(
              "AUC", "auc", RunTable.Better.HIGHER, "Area under the receiver's characteristic."),
          new Figure(
              "Calibration error",
              "calibration",
              RunTable.Better.LOWER,
              "Mean difference between confidence and accuracy."));

  private final StudyFolder folder;
  private final StudyPlan plan;
  private final Device device;
  private final StudyResults results;
  private final StudySharpness sharpness;

  StudyFigures(StudyFolder folder, StudyPlan plan, Device device) {
    this.folder = folder;
    this.plan = plan;
    this.device = device;
    this.results = StudyResults.read(folder, plan);
    this.sharpness = new StudySharpness(folder, plan, device);
  }

  void write() {
    Palette palette = new Palette();
    List<Diagram> quality = new ArrayList<>(List.of(roc(), reliability()));
    quality.addAll(confusion());
    Report.Builder report =
        Report.builder(plan.title())
            .summary(summary())
            .section(new RunSection(table(), palette))
            .section(DiagramSection.curves(List.of(curve()), palette))
            .section(DiagramSection.binned(binned(), palette))
            .section(DiagramSection.quality(quality, palette));
    MaskComparison comparison = sharpness.withCurve();
    if (comparison != null) {
      report.section(new ComparisonSection(comparison));
    }
    if (!results.features().isEmpty()) {
      new StudyMaps(folder, plan, device, results.features().getFirst()).addTo(report);
      List<ProbeTable> probes = new ArrayList<>();
      probes(probes, true, PROBE, "R² by quantity: clusters of more than 8 hits");
      probes(probes, false, "probe-all", "R² by quantity: all clusters");
      report.section(DiagramSection.probes(probes));
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

  private List<String> names() {
    return results.scores().keySet().stream().filter(n -> !results.of(n).isEmpty()).toList();
  }

  private List<String> trained() {
    return names().stream().filter(n -> plan.variations().containsKey(n)).toList();
  }

  private RunTable table() {
    List<RunTable.Column> columns = new ArrayList<>();
    for (Figure figure : FIGURES) {
      String id = figure.key.equals("accuracy") ? "accuracy-of-runs" : "";
      columns.add(new RunTable.Column(figure.name, "", figure.better, id, figure.explanation));
    }
    columns.add(
        new RunTable.Column(
            "Steps to 90 %",
            "",
            RunTable.Better.LOWER,
            "",
            "Training steps to 90 % of the final accuracy on held-out clusters."));
    List<RunTable.Row> rows = new ArrayList<>();
    for (String name : names()) {
      List<Spread> values = new ArrayList<>();
      for (Figure figure : FIGURES) {
        values.add(results.measure(name, figure.key));
      }
      values.add(Spread.of(results.steps(name, StudyStatements.CONVERGED, false)));
      rows.add(new RunTable.Row(name, baseline(name), description(name), List.copyOf(values)));
    }
    return new RunTable(
        "Measured on clusters that no training has seen, the same for all runs of one data set.",
        columns,
        rows);
  }

  private boolean baseline(String name) {
    return plan.baselines().containsKey(name) || name.equals(plan.roles().small());
  }

  private String description(String name) {
    StudyPlan.Variation variation = plan.variations().get(name);
    StudyPlan.Baseline baseline = plan.baselines().get(name);
    String text =
        variation != null
            ? variation.description()
            : baseline != null ? baseline.description() : null;
    return text == null ? "" : text;
  }

  private BandFigure curve() {
    List<BandLine> lines = new ArrayList<>();
    for (String name : trained()) {
      List<BandLine.Seed> seeds =
          results.curves().getOrDefault(name, List.of()).stream()
              .map(c ->
                  new BandLine.Seed(
                      Arrays.stream(c.steps()).mapToDouble(s -> s).toArray(), c.values()))
              .toList();
      lines.add(BandLine.ofSeeds(name, BandLine.Extent.RANGE, seeds));
    }
    return BandFigure.overSteps(
        "accuracy-over-steps",
        "Accuracy on held-out clusters",
        Axis.of("balanced accuracy"),
        "smallest to largest of the seeds",
        "Mean over the classes, during the finetuning.",
        lines);
  }

  private List<BinnedFigure> binned() {
    List<BinnedFigure> figures = new ArrayList<>();
    binned(
        figures, "hits", "accuracy-hits", "Accuracy against hit count", "hits per cluster", true);
    binned(figures, "energy", "accuracy-energy", "Accuracy against energy", "energy, keV", true);
    binned(
        figures,
        "theta",
        "accuracy-angle",
        "Accuracy against angle",
        "angle from the sensor's normal, degrees",
        false);
    return figures;
  }

  private void binned(
      List<BinnedFigure> figures,
      String key,
      String id,
      String title,
      String quantity,
      boolean logarithmic) {
    List<BinnedFigure.Line> lines = new ArrayList<>();
    double[] edges = null;
    long[] counts = null;
    for (String name : names()) {
      List<List<AccuracyBin>> seeds =
          results.of(name).stream()
              .map(s -> s.bins().getOrDefault(key, List.of()))
              .filter(b -> !b.isEmpty())
              .toList();
      if (seeds.isEmpty()) {
        continue;
      }
      List<AccuracyBin> first = seeds.getFirst();
      if (edges == null) {
        edges =
            IntStream.rangeClosed(0, first.size())
                .mapToDouble(i -> i == 0 ? first.getFirst().lower() : first.get(i - 1).upper())
                .toArray();
        counts = first.stream().mapToLong(AccuracyBin::count).toArray();
      }
      lines.add(line(name, seeds));
    }
    if (edges != null && counts != null) {
      figures.add(
          new BinnedFigure(
              id,
              title,
              quantity,
              logarithmic,
              "accuracy",
              EvaluationFigures.WILSON,
              "Mean over the seeds. The number of clusters is that of the first variation.",
              edges,
              counts,
              lines));
    }
  }

  // Seeds share the test clusters: they are not further independent clusters, so the interval is
  // that of one seed's number of them.
  private static BinnedFigure.Line line(String name, List<List<AccuracyBin>> seeds) {
    int bins = seeds.getFirst().size();
    double[] value = new double[bins];
    double[] low = new double[bins];
    double[] high = new double[bins];
    for (int b = 0; b < bins; b++) {
      int at = b;
      long count = seeds.getFirst().get(b).count();
      double mean =
          seeds.stream()
              .mapToDouble(s -> s.get(at).accuracy().value())
              .average()
              .orElse(Double.NaN);
      Estimate interval =
          count == 0 || Double.isNaN(mean)
              ? Estimate.exact(Double.NaN)
              : Estimate.wilson(Math.round(mean * count), count, EvaluationFigures.WILSON_Z);
      value[b] = count == 0 ? Double.NaN : mean;
      low[b] = interval.low();
      high[b] = interval.high();
    }
    return new BinnedFigure.Line(name, value, low, high);
  }

  private BandFigure roc() {
    List<BandLine> lines = new ArrayList<>();
    for (String name : names()) {
      double[][] curve = results.of(name).getFirst().roc();
      lines.add(BandLine.rising(name, curve[0], curve[1]));
    }
    return BandFigure.roc(
        "roc", "Receiver operating characteristic", "", "The first seed of each variation.", lines);
  }

  private BandFigure reliability() {
    List<BandLine> lines = new ArrayList<>();
    List<Spread> errors = new ArrayList<>();
    for (String name : names()) {
      double[][] bins = results.of(name).getFirst().reliability();
      lines.add(EvaluationFigures.reliability(name, bins[0], bins[1], bins[2]));
      errors.add(results.measure(name, "calibration"));
    }
    return BandFigure.reliability(
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

  private void probes(List<ProbeTable> tables, boolean tracks, String id, String title) {
    List<String> stages = results.features().getFirst().stages();
    List<ProbeTable.Row> rows = new ArrayList<>();
    for (String quantity : results.probed(tracks)) {
      rows.add(
          new ProbeTable.Row(
              quantity(quantity),
              IntStream.range(0, stages.size())
                  .mapToObj(stage -> results.probe(tracks, stage, quantity))
                  .toList()));
    }
    if (!rows.isEmpty()) {
      tables.add(
          new ProbeTable(
              id,
              title,
              "Ridge regression of each quantity from the ranks of the features of test"
                  + " clusters, measured on clusters left out (5 folds), over the seeds. Length, energy"
                  + " and size by their logarithms, azimuths by cosine and sine of twice the angle.",
              stages,
              rows));
    }
  }

  /// What a quantity of the probes is called.
  public static String quantity(String key) {
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
                        "simulated %s: %s particles, %s more to measure on, seed %d",
                        one.preset(),
                        Texts.count(one.particles()),
                        Texts.count(one.testParticles()),
                        one.seed())
                    : one.file() + (one.test() == null ? "" : ", measured on " + one.test())));
    Map<String, String> runs = new LinkedHashMap<>();
    plan.pretrainings()
        .forEach((name, one) -> runs.put("pretraining " + name, one.data() + own(one.settings())));
    plan.variations()
        .forEach((name, one) ->
            runs.put(
                name,
                one.data()
                    + (one.pretraining() == null ? "" : ", from " + one.pretraining())
                    + own(one.settings())));
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

  private static String own(@Nullable Map<String, Object> all) {
    return all == null ? "" : ", " + all;
  }

  private static Map<String, String> text(Map<String, Object> settings) {
    Map<String, String> text = new LinkedHashMap<>();
    settings.forEach((name, value) -> text.put(name, String.valueOf(value)));
    return text;
  }
}
