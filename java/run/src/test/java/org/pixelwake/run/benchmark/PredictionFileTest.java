package org.pixelwake.run.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.training.metrics.Estimate;

class PredictionFileTest {
  private static final BenchmarkPlan PLAN = BenchmarkPlan.current();
  private static final String TWO = "protons-electrons-real";
  private static final String FEW = "few-labels-50";
  private static final String VALUES = "angle-energy";

  @TempDir Path temp;

  // Predictions of two classes with the given probabilities of the first.
  private static float[][] classes(double... first) {
    float[][] all = new float[first.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = new float[] {(float) first[i], (float) (1 - first[i])};
    }
    return all;
  }

  @Test
  void whatIsWrittenIsRead() {
    Path file = temp.resolve("p.parquet");
    Task task = PLAN.task(FEW);
    List<float[][]> draws = List.of(classes(0.1, 0.9), classes(0.2, 0.8), classes(0.3, 0.7));
    PredictionFile.write(file, PLAN, task, draws);
    List<float[][]> read = PredictionFile.read(file, PLAN, task, 2);
    assertEquals(3, read.size());
    for (int d = 0; d < 3; d++) {
      assertArrayEquals(draws.get(d), read.get(d));
    }
  }

  @Test
  void scoresAreThoseWorkedOutByHand() {
    // Of three electrons two are told, of two protons one: (2/3 + 1/2) / 2.
    TaskTruth truth = new TaskTruth(new int[] {0, 0, 0, 1, 1}, List.of());
    List<float[][]> draws = List.<float[][]>of(classes(0.9, 0.6, 0.2, 0.4, 0.7));
    TaskScores scores = TaskScores.of(PLAN, TWO, "mine", truth, draws);
    Estimate balanced = scores.first();
    assertEquals((2.0 / 3 + 0.5) / 2, balanced.value(), 1e-9);
    assertTrue(balanced.low() <= balanced.value() && balanced.value() <= balanced.high());
    assertEquals(5, scores.clusters());
    // Values that are told exactly explain everything.
    float[] theta = {10, 20, 40};
    float[] energy = {5, 50, 100};
    TaskTruth measured = new TaskTruth(new int[0], List.of(theta, energy));
    float[][] exact = {{10, 5}, {20, 50}, {40, 100}};
    assertEquals(
        1,
        TaskScores.of(PLAN, VALUES, "mine", measured, List.<float[][]>of(exact)).first().value(),
        1e-6);
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    refused("column probability_proton", TWO, 2, file("row", 0, "probability_electron", 0.5));
    refused(
        "cluster 0 is predicted twice",
        TWO,
        2,
        rows(new double[][] {{0, 0.5, 0.5}, {0, 0.5, 0.5}}));
    refused(
        "1 of 2 clusters are missing, the first is 1", TWO, 2, rows(new double[][] {{0, 1, 0}}));
    refused("row is 2", TWO, 2, rows(new double[][] {{2, 1, 0}}));
    refused("row is 0.5", TWO, 2, rows(new double[][] {{0.5, 1, 0}}));
    refused("NaN or missing", TWO, 1, rows(new double[][] {{0, Double.NaN, 0}}));
    refused("add up to 0.9", TWO, 1, rows(new double[][] {{0, 0.5, 0.4}}));
    refused("Give a probability from 0 to 1", TWO, 1, rows(new double[][] {{0, 1.5, -0.5}}));
    refused("column draw", FEW, 1, rows(new double[][] {{0, 1, 0}}));
    refused(
        "Give a positive number",
        VALUES,
        1,
        file("row", 0, "predicted_theta_deg", 3, "predicted_primary_energy_mev", -1));
  }

  @Test
  void predictionsOfAnotherVersionAreRefused() {
    Path file = temp.resolve("old.parquet");
    List<Column> columns = columns("row", "probability_electron", "probability_proton");
    try (ParquetTable table =
        ParquetTable.create(file, "cluster", columns, Map.of("benchmark", "another 7"))) {
      table.append(List.of(0.0, 1.0, 0.0));
      table.finish();
    }
    InputException e =
        assertThrows(
            InputException.class, () -> PredictionFile.read(file, PLAN, PLAN.task(TWO), 1));
    assertTrue(e.getMessage().contains("are for another 7, not for"), e.getMessage());
  }

  private void refused(String part, String task, int clusters, Path file) {
    InputException e =
        assertThrows(
            InputException.class,
            () -> PredictionFile.read(file, PLAN, PLAN.task(task), clusters),
            part);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static List<Column> columns(String... names) {
    return List.of(names).stream().map(name -> new Column(name, Kind.DOUBLE)).toList();
  }

  private int files;

  private Path rows(double[][] rows) {
    return table(columns("row", "probability_electron", "probability_proton"), rows);
  }

  // One row of names and values in turn.
  private Path file(Object... cells) {
    List<String> names = new ArrayList<>();
    double[] row = new double[cells.length / 2];
    for (int i = 0; i < row.length; i++) {
      names.add((String) cells[2 * i]);
      row[i] = ((Number) cells[2 * i + 1]).doubleValue();
    }
    return table(columns(names.toArray(String[]::new)), new double[][] {row});
  }

  private Path table(List<Column> columns, double[][] rows) {
    Path file = temp.resolve("p" + files++ + ".parquet");
    try (ParquetTable table = ParquetTable.create(file, "cluster", columns, Map.of())) {
      for (double[] row : rows) {
        List<Object> values = new ArrayList<>();
        for (double value : row) {
          values.add(value);
        }
        table.append(new ArrayList<>(values));
      }
      table.finish();
    }
    return file;
  }
}
