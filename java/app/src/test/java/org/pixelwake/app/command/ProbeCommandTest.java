package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.run.data.ClusterColumns;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

class ProbeCommandTest {
  private static final int[] PARTICLES = {11, 2212, 1000020040};

  @TempDir Path temp;

  /// From clusters to scores, with trees beside: lines and squares are told apart by a network of
  /// which nothing but a step was trained.
  @Test
  void embeddingsOfANetworkAreProbed() throws IOException {
    Path data = FinetuneCommandTest.dataset(temp.resolve("data.parquet"), EnergyUnit.KEV);
    Path run = temp.resolve("run");
    Object[] training = {
      "finetune", data, "-o", run, "--arch", "hits_s", "--batch", 8, "--steps", 1, "--device", "cpu"
    };
    Cli trained = Cli.run(training);
    assertEquals(ExitCode.OK, trained.code(), trained.err());
    Path table = temp.resolve("embeddings.parquet");
    Cli embedded = Cli.run("embed", run, data, "-o", table, "--device", "cpu");
    assertEquals(ExitCode.OK, embedded.code(), embedded.err());
    Path to = temp.resolve("probe.json");
    Cli probe = Cli.run("probe", table, "--train-labels", "20,all", "--trees", data, "-o", to);
    assertEquals(ExitCode.OK, probe.code(), probe.err());
    JsonNode told = json(to);
    assertEquals(6, told.get("probes").size());
    for (String word : List.of("logistic regression", "nearest neighbours", "boosted trees")) {
      assertTrue(probe.out().contains(word), probe.out());
    }
    for (JsonNode one : told.get("probes")) {
      // Trees cannot split 20 labels well.
      boolean fewForTrees =
          one.get("probe").asText().contains("trees") && !one.get("all").asBoolean();
      double least = fewForTrees ? 0.7 : 0.9;
      assertTrue(one.at("/balanced_accuracy/mean").asDouble() > least, told::toPrettyString);
    }
    int clusters = 0;
    for (JsonNode one : told.get("classes")) {
      clusters += one.get("train").asInt() + one.get("test").asInt();
    }
    assertEquals(160, clusters);
    // Each source has one kind of particle.
    Cli sources =
        Cli.run(
            "probe",
            table,
            "--train-labels",
            "20,all",
            "--labels",
            "source",
            "--classes",
            "muon=*cosmic*,alpha=*americium*",
            "--json");
    assertEquals(ExitCode.OK, sources.code(), sources.err());
    assertEquals(told.get("probes").get(0), sources.json().get("probes").get(0));
  }

  @Test
  void threeClassesOnAnotherTable() throws IOException {
    Path train = table("train", 600, gaussian(1));
    Path test = table("test", 1500, gaussian(2));
    Cli probe =
        Cli.run("probe", train, "--test", test, "--classes", "proton,electron,alpha", "--json");
    assertEquals(ExitCode.OK, probe.code(), probe.err());
    JsonNode told = probe.json();
    assertEquals(
        List.of("proton", "electron", "alpha"), List.copyOf(iterable(told.get("classes"))));
    assertEquals(500, told.at("/classes/alpha/test").asInt());
    // 50, 200 and all 600 labels, of either kind.
    assertEquals(6, told.get("probes").size());
    JsonNode few = told.get("probes").get(0);
    JsonNode all = told.get("probes").get(2);
    assertEquals(3, few.get("draws").size());
    assertEquals(1, all.get("draws").size());
    assertEquals(600, all.get("labels").asInt());
    assertTrue(all.at("/balanced_accuracy/deviation").isNull());
    double found = all.at("/balanced_accuracy/mean").asDouble();
    // The best that can be told of three shifted Gaussians is 0.866 (200,000 draws).
    assertEquals(0.866, found, 0.03);
    assertTrue(few.at("/balanced_accuracy/mean").asDouble() < found);
    assertTrue(
        all.at("/balanced_accuracy/low").asDouble() < found
            && all.at("/balanced_accuracy/high").asDouble() > found);
    Path first = temp.resolve("first.json");
    Path second = temp.resolve("second.json");
    for (Path file : List.of(first, second)) {
      assertEquals(ExitCode.OK, Cli.run("probe", train, "--test", test, "-o", file).code());
    }
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  @Test
  void wrongInputIsToldInALine() {
    Path good = table("good", 60, gaussian(1));
    refused("exists", good, "-o", table("out", 3, gaussian(1)));
    refused(
        "20 clusters of electron to draw from, so 60 labels",
        good,
        "--test",
        good,
        "--train-labels",
        61);
    refused("too few for 3 classes", good, "--train-labels", 5);
    refused("no number of labels", good, "--train-labels", "many");
    refused("no number of labels", good, "--train-labels", "0");
    refused("there is electron alone", good, "--classes", "electron");
    refused("no particle has that name", good, "--classes", "electron,quark");
    refused("no cluster is of any", good, "--classes", "muon,photon");
    refused("needs --classes", good, "--labels", "source");
    refused("Give particle or source", good, "--labels", "shape");
    refused("between 0 and 1", good, "--held-out", 1);
    refused("1 or more", good, "--draws", 0);
    refused("0 or more", good, "--resamples", -1);
    refused("block or source", good, "--split-unit", "week");
    refused("it names 2 data sets", good, "--trees", "a.parquet,b.parquet");
    refused("no such file", temp.resolve("none.parquet"));
    Path data = FinetuneCommandTest.dataset(temp.resolve("data.parquet"), EnergyUnit.KEV);
    refused("column row: it is missing", data);
    refused("is not the cluster", good, "--trees", data);
    refused(
        "row 7: feature 1 is NaN", table("nan", 60, i -> new float[] {i, i == 7 ? Float.NaN : 1}));
    refused(
        "it has 3 features, those before 2", table("ragged", 60, i -> new float[i < 9 ? 2 : 3]));
    refused("the same features", table("constant", 60, i -> new float[4]));
    refused("holds no cluster", table("empty", 0, i -> new float[4]));
    refused("class alpha: it has 1 clusters", table("few", 5, gaussian(1)));
    refused(
        "Embed both with the same model",
        good,
        "--test",
        table("wide", 60, i -> new float[] {i, i, i, i, i}));
    refused("class alpha: it has 0 clusters", good, "--test", table("two", 2, gaussian(1)));
    assertFalse(Files.exists(temp.resolve("probe.json")));
  }

  private void refused(String part, Path table, Object... more) {
    List<Object> all = new ArrayList<>(List.of("probe", table));
    all.addAll(List.of(more));
    if (!all.contains("-o")) {
      all.addAll(List.of("-o", temp.resolve("probe.json")));
    }
    Cli result = Cli.run(all.toArray());
    assertEquals(ExitCode.USER_ERROR, result.code(), part + " is not told: " + result.err());
    assertTrue(result.err().contains(part), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
  }

  /// Three features, one of which is shifted by 2 in each class, and one that never differs.
  private static IntFunction<float[]> gaussian(long seed) {
    Random random = new Random(seed);
    return i -> {
      float[] features = new float[4];
      for (int k = 0; k < 3; k++) {
        features[k] = (float) random.nextGaussian() + (i % 3 == k ? 2 : 0);
      }
      return features;
    };
  }

  private Path table(String name, int count, IntFunction<float[]> features) {
    Path file = temp.resolve(name + ".parquet");
    List<Column> columns = ClusterColumns.leading();
    columns.add(new Column("features", Kind.FLOATS));
    try (ParquetTable table = ParquetTable.create(file, "cluster", columns)) {
      for (int i = 0; i < count; i++) {
        List<@Nullable Object> row = new ArrayList<>();
        row.addAll(List.of((long) i, "beam.t3pa", 0L, "keV", 5, 100f, PARTICLES[i % 3]));
        while (row.size() < columns.size() - 1) {
          row.add(null);
        }
        row.add(features.apply(i));
        table.append(row);
      }
      table.finish();
    }
    return file;
  }

  private static List<String> iterable(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(Files.readString(file));
  }
}
