package org.pixelwake.run.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.timepix.dataset.ParquetNumbers;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// Predictions of a task's test clusters as a Parquet file, one row a cluster: `row`, its number in
/// the test set from 0; `probability_CLASS` of each class, or `predicted_TARGET` of each quantity;
/// and `draw`, from 1, where the task has several sets to learn from. Other columns are not looked
/// at, so that the predictions of `pixelwake evaluate` are such a file too. Where the file's
/// metadata has a key `benchmark`, its value is name and version of the benchmark.
final class PredictionFile {
  /// Column of the number of a cluster in the test set.
  static final String ROW = "row";

  /// Column of the number of the set that was learned from.
  static final String DRAW = "draw";

  private static final String BENCHMARK = "benchmark";

  /// How far the probabilities of a cluster may be from adding up to 1.
  private static final double TOLERANCE = 0.01;

  private PredictionFile() {}

  /// Returns the columns of what is predicted in a task.
  static List<String> columns(Task task) {
    return task.classified()
        ? task.classes().stream().map(c -> "probability_" + c).toList()
        : task.targets().stream().map(t -> "predicted_" + t).toList();
  }

  /// Writes predictions.
  ///
  /// @param draws of each set learned from (clusters, columns)
  static void write(Path file, BenchmarkPlan plan, Task task, List<float[][]> draws) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column(ROW, Kind.LONG));
    boolean several = task.train().size() > 1;
    if (several) {
      columns.add(new Column(DRAW, Kind.INT));
    }
    columns(task).forEach(name -> columns.add(new Column(name, Kind.FLOAT)));
    try (ParquetTable table =
        ParquetTable.create(file, "cluster", columns, Map.of(BENCHMARK, plan.title()))) {
      for (int draw = 0; draw < draws.size(); draw++) {
        float[][] predicted = draws.get(draw);
        for (int row = 0; row < predicted.length; row++) {
          List<@Nullable Object> values = new ArrayList<>();
          values.add((long) row);
          if (several) {
            values.add(draw + 1);
          }
          for (float value : predicted[row]) {
            values.add(value);
          }
          table.append(values);
        }
      }
      table.finish();
    }
  }

  /// Reads predictions.
  ///
  /// @param clusters that the test set has
  /// @return of each set learned from (clusters, columns)
  /// @throws InputException where they are not such, saying what is wrong and where
  static List<float[][]> read(Path file, BenchmarkPlan plan, Task task, int clusters) {
    ParquetNumbers numbers = ParquetNumbers.read(file);
    String version = numbers.metadata().get(BENCHMARK);
    if (version != null && !version.equals(plan.title())) {
      throw new InputException(
          file,
          "its predictions are for " + version + ", not for " + plan.title(),
          "Predict the test set of this version, which `pixelwake benchmark data` writes");
    }
    double[] rows = column(file, task, numbers, ROW);
    int draws = task.train().size();
    double[] drawn = draws > 1 ? column(file, task, numbers, DRAW) : new double[rows.length];
    if (draws == 1) {
      Arrays.fill(drawn, 1);
    }
    List<double[]> columns =
        columns(task).stream().map(name -> column(file, task, numbers, name)).toList();
    List<float[][]> found = new ArrayList<>();
    for (int draw = 0; draw < draws; draw++) {
      found.add(new float[clusters][]);
    }
    for (int i = 0; i < rows.length; i++) {
      int draw = whole(file, i, DRAW, drawn[i], 1, draws) - 1;
      int row = whole(file, i, ROW, rows[i], 0, clusters - 1);
      if (found.get(draw)[row] != null) {
        throw wrong(
            file,
            i,
            "cluster " + row + told(draws, draw) + " is predicted twice",
            "Predict it once");
      }
      float[] values = new float[columns.size()];
      for (int c = 0; c < values.length; c++) {
        values[c] = (float) columns.get(c)[i];
      }
      check(file, i, task, values);
      found.get(draw)[row] = values;
    }
    for (int draw = 0; draw < draws; draw++) {
      complete(file, found.get(draw), told(draws, draw));
    }
    return found;
  }

  private static String told(int draws, int draw) {
    return draws == 1 ? "" : " of draw " + (draw + 1);
  }

  private static double[] column(Path file, Task task, ParquetNumbers numbers, String name) {
    double[] values = numbers.columns().get(name);
    if (values == null) {
      List<String> needed = new ArrayList<>(List.of(ROW));
      if (task.train().size() > 1) {
        needed.add(DRAW);
      }
      needed.addAll(columns(task));
      throw new InputException(
          file.toString(),
          "column " + name,
          "it is missing, or holds no numbers",
          "The task needs the columns " + String.join(", ", needed));
    }
    return values;
  }

  private static int whole(Path file, int i, String name, double value, int least, int greatest) {
    if (!(value >= least && value <= greatest && value == Math.rint(value))) {
      throw wrong(
          file,
          i,
          String.format(Locale.ROOT, "%s is %s", name, value),
          "Give a whole number from " + least + " to " + greatest);
    }
    return (int) value;
  }

  private static void check(Path file, int i, Task task, float[] values) {
    List<String> names = columns(task);
    double sum = 0;
    for (int c = 0; c < values.length; c++) {
      boolean possible = !task.classified() || values[c] >= 0 && values[c] <= 1 + TOLERANCE;
      if (!Float.isFinite(values[c]) || !possible) {
        throw wrong(
            file,
            i,
            names.get(c) + " is " + (Float.isNaN(values[c]) ? "NaN or missing" : values[c]),
            task.classified() ? "Give a probability from 0 to 1" : "Give a finite number");
      }
      sum += values[c];
    }
    for (int t = 0; t < task.targets().size(); t++) {
      TargetScale scale = TargetScale.of(RegressionTarget.named(task.targets().get(t)));
      if (!Double.isFinite(scale.comparable(values[t]))) {
        throw wrong(file, i, names.get(t) + " is " + values[t], "Give a positive number");
      }
    }
    if (task.classified() && !(Math.abs(sum - 1) <= TOLERANCE)) {
      throw wrong(
          file, i, "its probabilities add up to " + sum, "Give probabilities that add up to 1");
    }
  }

  private static void complete(Path file, float[][] predicted, String of) {
    int missing = 0;
    int first = -1;
    for (int row = 0; row < predicted.length; row++) {
      if (predicted[row] == null) {
        missing++;
        first = first < 0 ? row : first;
      }
    }
    if (missing > 0) {
      throw new InputException(
          file,
          missing
              + " of "
              + predicted.length
              + " clusters"
              + of
              + " are missing, the first is "
              + first,
          "Predict every cluster of the test set");
    }
  }

  private static InputException wrong(Path file, int i, String problem, String remedy) {
    return new InputException(file.toString(), "row " + i + " of the file", problem, remedy);
  }
}
