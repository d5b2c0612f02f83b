package org.pixelwake.run.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Spread;
import org.pixelwake.engine.Device;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.FindingSection;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.RunTable.Better;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;
import org.pixelwake.run.benchmark.BenchmarkFolder.Cost;
import org.pixelwake.run.benchmark.BenchmarkPlan.Entry;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.metrics.Estimate;

/// What the entries in the folder of a benchmark have reached so far: `scores.json`, `costs.json`
/// and `report.html` with its figures.
public final class BenchmarkReport {
  private static final int DIGITS = 4;

  private final BenchmarkFolder folder;
  private final BenchmarkPlan plan;
  private final Scale scale;
  private final Device device;
  private final List<String> entries;
  // By entry and task.
  private final Map<String, Map<String, TaskScores>> scores = new LinkedHashMap<>();
  private final Map<String, Map<String, Cost>> costs = new LinkedHashMap<>();
  private final List<ControlScore> controls = new ArrayList<>();

  /// Reads what is there.
  ///
  /// @param plan with all tasks
  public BenchmarkReport(BenchmarkFolder folder, BenchmarkPlan plan, Scale scale, Device device) {
    this.folder = folder;
    this.plan = plan;
    this.scale = scale;
    this.device = device;
    entries = folder.entries(plan);
    for (String entry : entries) {
      Map<String, TaskScores> scored = new LinkedHashMap<>();
      Map<String, Cost> taken = new LinkedHashMap<>();
      for (String task : plan.tasks().keySet()) {
        BenchmarkFolder.read(folder.result(entry, task, false), TaskScores.class)
            .ifPresent(found -> scored.put(task, found));
        BenchmarkFolder.read(folder.cost(entry, task), Cost.class)
            .ifPresent(found -> taken.put(task, found));
        BenchmarkFolder.read(folder.result(entry, task, true), ControlScore.class)
            .ifPresent(controls::add);
      }
      scores.put(entry, scored);
      costs.put(entry, taken);
    }
  }

  /// Returns the scores of all entries, by entry and task.
  public Map<String, Map<String, TaskScores>> scores() {
    return scores;
  }

  /// Returns the controls that were run.
  public List<ControlScore> controls() {
    return List.copyOf(controls);
  }

  /// Writes all files.
  public void write() {
    JsonOutput.write(scoresJson(), folder.scores());
    JsonOutput.write(costsJson(), folder.costs());
    Palette palette = new Palette();
    Report.Builder report =
        Report.builder("Benchmark of networks for Timepix tracks")
            .summary(summary())
            .section(RunSection.scores(scoreTable(), palette))
            .section(DiagramSection.costs(costFigures(), palette))
            .section(RunSection.costs(costTable(), palette));
    if (!controls.isEmpty()) {
      report.section(FindingSection.of(controlFinding()));
    }
    report.section(provenance()).build().write(folder.report());
  }

  private String summary() {
    return String.format(
        Locale.ROOT,
        "%s%s: %d tasks, %d entries. Tasks and data are those of docs/benchmark.md; figures are of"
            + " test clusters that no training has seen, with one training an entry and a set.",
        plan.title(),
        scale == Scale.TINY
            ? " at the scale tiny, whose few clusters try out the way: its figures mean nothing"
            : "",
        plan.tasks().size(),
        entries.size());
  }

  private boolean baseline(String entry) {
    Entry own = plan.entries().get(entry);
    return own != null && own.trees();
  }

  private String description(String entry) {
    Entry own = plan.entries().get(entry);
    return own == null ? "predictions brought in" : own.description();
  }

  private RunTable scoreTable() {
    List<RunTable.Column> columns = new ArrayList<>();
    plan.tasks()
        .forEach((name, task) ->
            columns.add(
                new RunTable.Column(
                    task.title(),
                    task.classified() ? "balanced accuracy" : "R²",
                    Better.HIGHER,
                    name,
                    task.description())));
    List<RunTable.Row> rows = new ArrayList<>();
    for (String entry : entries) {
      List<Spread> values = new ArrayList<>();
      for (String task : plan.tasks().keySet()) {
        values.add(spread(scores(entry).get(task)));
      }
      rows.add(new RunTable.Row(entry, baseline(entry), description(entry), values));
    }
    return new RunTable(
        "Balanced accuracy is the mean over the classes of the share of their clusters that is told"
            + " right; R² is the mean over the quantities of a regression, energies by their"
            + " logarithm. Tasks of few labels are means over three draws of them.",
        columns,
        rows);
  }

  private Map<String, TaskScores> scores(String entry) {
    return scores.getOrDefault(entry, Map.of());
  }

  private static Spread spread(@Nullable TaskScores scores) {
    if (scores == null) {
      return Spread.NONE;
    }
    Estimate first = scores.first();
    Spread only = Spread.of(first.value());
    return Double.isFinite(first.low()) && Double.isFinite(first.high())
        ? only.interval(first.low(), first.high())
        : only;
  }

  private RunTable costTable() {
    List<RunTable.Column> columns =
        List.of(
            new RunTable.Column(
                "Parameters", "", Better.NEITHER, "", "Learned parameters of the network."),
            new RunTable.Column(
                "Training", "s", Better.LOWER, "", "Time of all trainings, each counted once."),
            new RunTable.Column(
                "Speed",
                "clusters/s",
                Better.HIGHER,
                "",
                "Test clusters predicted in a second, over all tasks."));
    List<RunTable.Row> rows = new ArrayList<>();
    costs.forEach((entry, taken) -> {
      if (!taken.isEmpty()) {
        rows.add(
            new RunTable.Row(
                entry,
                baseline(entry),
                description(entry),
                List.of(
                    taken.values().stream()
                        .mapToLong(Cost::parameters)
                        .filter(n -> n > 0)
                        .boxed()
                        .findFirst()
                        .map(n -> Spread.of(n))
                        .orElse(Spread.NONE),
                    Spread.of(training(taken)),
                    Spread.of(speed(taken)))));
      }
    });
    return new RunTable(
        "Measured on "
            + device
            + ". Networks that predict the mean over 8 symmetries look at each"
            + " cluster eight times.",
        columns,
        rows);
  }

  // Tasks that learn from the same sets share the training.
  private double training(Map<String, Cost> taken) {
    Map<List<String>, Double> once = new LinkedHashMap<>();
    taken.forEach((task, cost) -> once.put(plan.task(task).train(), cost.trainSeconds()));
    return once.values().stream().mapToDouble(v -> v).sum();
  }

  private static double speed(Map<String, Cost> taken) {
    double clusters = taken.values().stream().mapToLong(Cost::predicted).sum();
    return clusters / taken.values().stream().mapToDouble(Cost::predictSeconds).sum();
  }

  private List<Figure> costFigures() {
    String task = plan.tasks().keySet().iterator().next();
    String title = plan.task(task).title();
    List<Figure.Line> training = new ArrayList<>();
    List<Figure.Line> speed = new ArrayList<>();
    for (String entry : entries) {
      TaskScores scored = scores(entry).get(task);
      Cost cost = costs.getOrDefault(entry, Map.of()).get(task);
      if (scored != null && cost != null) {
        training.add(point(entry, cost.trainSeconds(), scored.first()));
        speed.add(point(entry, cost.clustersPerSecond(), scored.first()));
      }
    }
    if (training.isEmpty()) {
      return List.of();
    }
    return List.of(
        figure("score-training", title + ": score and training", "training, s", training),
        figure("score-speed", title + ": score and speed", "predicted clusters/s", speed));
  }

  private static Figure.Line point(String name, double x, Estimate y) {
    return new Figure.Line(
        name,
        Figure.Style.POINTS,
        new double[] {x},
        new double[] {y.value()},
        new double[] {y.low()},
        new double[] {y.high()});
  }

  private static Figure figure(String id, String title, String x, List<Figure.Line> lines) {
    return new Figure(
        id,
        title,
        Figure.Axis.logarithmic(x),
        Figure.Axis.of("balanced accuracy"),
        "",
        "One point an entry, with the 95 % bootstrap interval over the test clusters.",
        lines);
  }

  private Finding controlFinding() {
    List<Finding.Verdict> verdicts =
        controls.stream()
            .map(c ->
                new Finding.Verdict(
                    plan.task(c.task()).title() + ", " + c.entry(),
                    rounded(c.value()),
                    "",
                    rounded(ControlScore.CHANCE - c.tolerance()),
                    rounded(ControlScore.CHANCE + c.tolerance()),
                    c.holds(),
                    "chance, four standard deviations"))
            .toList();
    return new Finding(
        "controls",
        "Controls: where there is nothing to learn",
        "What is known of the clusters was dealt out anew among them, to learn from and to predict."
            + " An entry that still finds more than 0.5 (the area under the ROC curve, or the share"
            + " of pairs in the right order) reads something else than the hits.",
        verdicts,
        List.of());
  }

  private static double rounded(double value) {
    return Numbers.rounded(value, DIGITS);
  }

  private SettingsSection provenance() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("all networks", plan.shared().toString());
    settings.put("with few labels", plan.few().toString());
    plan.entries()
        .forEach((name, entry) ->
            settings.put(
                name,
                entry.trees()
                    ? "boosted trees"
                    : Optional.ofNullable(entry.of())
                        .map(of -> "as " + of)
                        .orElse(String.valueOf(entry.settings()))));
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("device", device.toString());
    environment.put("kernels", device.backend().buildInfo());
    environment.putAll(Machine.environment());
    Map<String, String> data = new LinkedHashMap<>();
    plan.needed()
        .forEach(set -> {
          Map<Scale, String> sums = plan.set(set).sha256();
          data.put(set, "SHA-256 " + (sums == null ? "unknown" : sums.get(scale)));
        });
    return SettingsSection.provenance()
        .command("The whole benchmark", "pixelwake benchmark run -o benchmark")
        .command(
            "Predictions of your own",
            "pixelwake benchmark score predictions.parquet --task NAME -o benchmark --entry YOURS")
        .add("Entries", settings)
        .add("Clusters", data)
        .add("Environment", environment);
  }

  private ObjectNode root() {
    return JsonOutput.object()
        .put("benchmark", plan.title())
        .put("scale", BenchmarkData.name(scale));
  }

  private ObjectNode scoresJson() {
    ObjectNode root = root();
    ObjectNode tasks = root.putObject("tasks");
    for (String task : plan.tasks().keySet()) {
      ObjectNode found = tasks.putObject(task);
      ObjectNode entered = found.putObject("entries");
      for (String entry : entries) {
        TaskScores scored = scores(entry).get(task);
        if (scored != null) {
          put(entered.putObject(entry), scored);
        }
      }
      ObjectNode checked = found.putObject("controls");
      for (ControlScore control : controls) {
        if (control.task().equals(task)) {
          checked
              .putObject(control.entry())
              .put("value", control.value())
              .put("tolerance", control.tolerance())
              .put("holds", control.holds());
        }
      }
    }
    return root;
  }

  private static void put(ObjectNode node, TaskScores scores) {
    node.put("clusters", scores.clusters()).put("draws", scores.draws());
    node.put("primary", scores.primary());
    scores.figures().forEach((name, figure) -> Assessment.put(node, name, figure));
  }

  /// Returns the scores of one entry in one task as JSON.
  public static ObjectNode json(TaskScores scores) {
    ObjectNode node = JsonOutput.object();
    node.put("benchmark", scores.benchmark());
    node.put("task", scores.task()).put("entry", scores.entry());
    put(node, scores);
    return node;
  }

  private ObjectNode costsJson() {
    ObjectNode root = root();
    root.put("device", device.toString()).put("kernels", device.backend().buildInfo());
    ObjectNode all = root.putObject("entries");
    costs.forEach((entry, taken) -> {
      ObjectNode tasks = all.putObject(entry);
      taken.forEach((task, cost) ->
          tasks
              .putObject(task)
              .put("training_seconds", cost.trainSeconds())
              .put("clusters_per_second", cost.clustersPerSecond())
              .put("parameters", cost.parameters()));
    });
    return root;
  }

  /// Returns the scores of all entries in lines for people.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    plan.tasks()
        .forEach((name, task) -> {
          List<String> found = new ArrayList<>();
          for (String entry : entries) {
            TaskScores scored = scores(entry).get(name);
            if (scored != null) {
              Estimate first = scored.first();
              found.add(
                  String.format(
                      Locale.ROOT,
                      "  %-16s %.4f (%.4f to %.4f)",
                      entry,
                      first.value(),
                      first.low(),
                      first.high()));
            }
          }
          if (!found.isEmpty()) {
            lines.add(
                name
                    + ", "
                    + (task.classified() ? TaskScores.BALANCED : TaskScores.R2).replace('_', ' '));
            lines.addAll(found);
          }
        });
    long held = controls.stream().filter(ControlScore::holds).count();
    if (!controls.isEmpty()) {
      lines.add(
          "controls: "
              + Texts.count(held)
              + " of "
              + Texts.count(controls.size())
              + " give what chance gives");
    }
    return lines;
  }
}
