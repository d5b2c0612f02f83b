package org.pixelwake.run.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Spread;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.Statement.Outcome;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.metrics.Predictions;

/// Networks held against tuned trees on the same test clusters.
class StudyComparisonTest {
  private static final String PLAN =
      """
      seeds: [1, 2, 3]
      data:
        real: {file: train.parquet, test: test.parquet}
        other: {preset: satram-real, particles: 10, seed: 5, test-particles: 10, test-seed: 77}
      variations:
        hits: {data: real, description: "over hits"}
        turned: {data: real, network: hits, symmetries: 8}
        encoder: {data: real}
        elsewhere: {data: other}
      baselines:
        fixed: {data: real}
        first: {data: real, tune: true}
        trees: {data: real, tune: true, description: "Boosted trees."}
      few-labels:
        data: real
        labels: [50, 200]
        rows:
          scratch: {settings: {arch: hits_s, steps: 100}}
          longer: {longer: 4, settings: {steps: 100}, description: "four times the steps"}
          trees: {kind: trees}
      roles: {hits: hits, best: encoder, trees: trees}
      """;
  private static final int CLUSTERS = 2000;
  private static final ClusterTable TABLE = table();

  @TempDir Path temp;

  private static StudyPlan plan() {
    return StudyPlan.parse("plan", PLAN);
  }

  @Test
  void plansTellWhatTheyAreGiven() {
    StudyPlan plan = plan();
    assertTrue(plan.baselines().get("trees").tune());
    assertFalse(plan.baselines().get("fixed").tune());
    assertEquals("hits", plan.variations().get("turned").network());
    assertEquals("hits", plan.roles().hits());
    assertEquals("encoder", plan.roles().best());
    assertEquals(77, plan.data().get("other").seedOf(true));
    assertEquals(5, plan.data().get("other").seedOf(false));
    StudyPlan.Data old = new StudyPlan.Data("satram-real", 1, 5, 1, null, null, null);
    assertEquals(1_000_008, old.seedOf(true), "studies of before keep their test clusters");
    // The trees that the roles name come before others; none of other data.
    assertEquals("trees", StudyResults.tunedTrees(plan, "hits"));
    assertNull(StudyResults.tunedTrees(plan, "elsewhere"));
  }

  @Test
  void fewLabelsAreVariationsAndBaselines() {
    StudyPlan plan = plan();
    assertEquals(
        Map.of("arch", "hits_s", "steps", 100, "train-labels", 50),
        plan.variations().get("few-scratch-50").settings());
    assertEquals(
        Map.of("steps", 400, "train-labels", 200),
        plan.variations().get("few-longer-200").settings());
    assertEquals(Map.of("train-labels", 200), plan.baselines().get("few-trees-200").settings());
    assertEquals(8, plan.variations().size());
    assertEquals(5, plan.baselines().size());
    for (String[] wrong :
        new String[][] {
          {"kind: trees", "kind: bushes", "bushes"},
          {"kind: trees", "kind: trees, pretraining: none", "trees with a pretraining"},
          {"longer: 4, settings: {steps: 100}", "longer: 4", "no number of steps"},
          {"labels: [50, 200]", "labels: []", "labels"},
          {"few-labels:\n  data: real", "few-labels:\n  data: nowhere", "nowhere"}
        }) {
      String text = PLAN.replace(wrong[0], wrong[1]);
      assertNotEquals(PLAN, text, wrong[0]);
      InputException refused =
          assertThrows(InputException.class, () -> StudyPlan.parse("plan", text));
      assertTrue(refused.getMessage().contains(wrong[2]), refused.getMessage());
    }
  }

  @Test
  void betterNetworksAreHeldAndEqualOnesAreNot() {
    StudyFolder folder = new StudyFolder(temp);
    for (long seed = 1; seed <= 3; seed++) {
      boolean[] trees = right(seed, 0.9);
      write(folder, "baseline", "trees", seed, trees, 0);
      write(folder, "finetune", "encoder", seed, trees, 0);
      // Ahead in a twentieth of the clusters, whatever the trees make of them.
      boolean[] better = trees.clone();
      for (int i = 0; i < CLUSTERS; i += 20) {
        better[i] = true;
        better[i + 1] = true;
      }
      write(folder, "finetune", "hits", seed, better, 0);
    }
    StudyResults results = StudyResults.read(folder, plan());
    assertEquals(new Spread(0, 0, 3, 0, 0), results.overTrees().get("encoder"));
    Spread ahead = results.overTrees().get("hits");
    assertEquals(
        results.measure("hits", "balanced").mean() - results.measure("trees", "balanced").mean(),
        ahead.mean(),
        1e-12);
    assertTrue(ahead.low() > 0 && ahead.high() < 0.02, ahead::toString);
    Spread alone = results.measure("hits", "accuracy");
    assertTrue(alone.high() - alone.low() > 2 * (ahead.high() - ahead.low()), alone::toString);
    assertFalse(results.overTrees().containsKey("trees"), "trees are not held against themselves");
    List<Statement> statements = statements(folder, results);
    assertEquals(2, statements.size(), "others are about runs that the plan does not name");
    assertEquals(Outcome.HELD, statements.get(0).outcome());
    assertTrue(statements.get(0).text().startsWith("Networks over hits beat tuned trees"));
    assertEquals(Outcome.NOT_HELD, statements.get(1).outcome());
    assertEquals("difference", statements.get(1).quantities().getLast().name());
  }

  @Test
  void worseNetworksAreNotHeld() {
    StudyFolder folder = new StudyFolder(temp);
    for (long seed = 1; seed <= 3; seed++) {
      write(folder, "baseline", "trees", seed, right(seed, 0.95), 0);
      write(folder, "finetune", "hits", seed, right(seed + 10, 0.9), 0);
    }
    StudyResults results = StudyResults.read(folder, plan());
    assertTrue(results.overTrees().get("hits").high() < 0, results.overTrees()::toString);
    List<Statement> statements = statements(folder, results);
    assertEquals(Outcome.NOT_HELD, statements.get(0).outcome());
    assertEquals(Outcome.NOT_MEASURED, statements.get(1).outcome(), "the encoder is not done");
  }

  @Test
  void onlySeedsOfTheSameClustersAreCompared() {
    StudyFolder folder = new StudyFolder(temp);
    write(folder, "baseline", "trees", 1, right(1, 0.9), 0);
    write(folder, "baseline", "trees", 3, right(3, 0.9), 0);
    write(folder, "finetune", "hits", 2, right(2, 0.95), 0);
    write(folder, "finetune", "hits", 3, right(3, 0.95), 0);
    // Of other clusters than the trees were measured on.
    write(folder, "finetune", "encoder", 1, right(1, 0.95), 1);
    StudyResults results = StudyResults.read(folder, plan());
    assertEquals(1, results.overTrees().get("hits").count());
    assertFalse(results.overTrees().containsKey("encoder"));
    assertEquals(Outcome.NOT_MEASURED, statements(folder, results).get(1).outcome());
  }

  @Test
  void theReportHasTheColumnAndTheSettings() throws IOException {
    StudyFolder folder = new StudyFolder(temp);
    StudyScores.Tried chosen = new StudyScores.Tried(4, 0.05, 379, 0.10199);
    StudyScores.Tuning tuning =
        new StudyScores.Tuning(
            chosen, List.of(new StudyScores.Tried(3, 0.05, 700, 0.10301), chosen));
    for (long seed = 1; seed <= 3; seed++) {
      write(folder, "baseline", "trees", seed, right(seed, 0.9), 0, tuning);
      write(folder, "finetune", "hits", seed, right(seed + 10, 0.95), 0);
      write(folder, "finetune", "turned", seed, right(seed + 20, 0.95), 0);
      write(folder, "finetune", "few-longer-200", seed, right(seed + 30, 0.8), 0);
    }
    try (Device device = Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST)) {
      StudyFigures.write(folder, plan(), device);
    }
    String report = Files.readString(folder.report());
    assertTrue(report.contains("Over tuned trees"));
    assertTrue(
        report.contains(
            "Boosted trees. Chosen on the training clusters, seed 1: 379 trees of depth 4, learning"
                + " rate 0.05; seed 2: "));
    assertTrue(report.contains("700 trees of depth 3, learning rate 0.05 (0.10301)"));
    assertTrue(report.contains("networks of hits, symmetries 8"));
    assertTrue(report.contains("200 labels") && report.contains("four times the steps"));
    assertEquals(1, report.split("<small>four times the steps", -1).length - 1, "in one table");
    // They are read back as they were.
    StudyScores read = folder.read("baseline", "trees", 1, StudyScores.class).orElseThrow();
    assertEquals(tuning, read.tuning());
    assertArrayEquals(right(1, 0.9), read.outcomes().rights());
    assertEquals(CLUSTERS, read.outcomes().classes().length);
  }

  private static List<Statement> statements(StudyFolder folder, StudyResults results) {
    try (Device device = Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST)) {
      return StudyStatements.of(plan(), results, new StudySharpness(folder, plan(), device));
    }
  }

  private static void write(
      StudyFolder folder, String kind, String name, long seed, boolean[] right, int from) {
    write(folder, kind, name, seed, right, from, null);
  }

  private static void write(
      StudyFolder folder,
      String kind,
      String name,
      long seed,
      boolean[] right,
      int from,
      StudyScores.Tuning tuning) {
    int[] labels = new int[CLUSTERS];
    float[][] probabilities = new float[CLUSTERS][];
    for (int i = 0; i < CLUSTERS; i++) {
      labels[i] = i % 2;
      float first = labels[i] == 0 == right[i] ? 0.8f : 0.2f;
      probabilities[i] = new float[] {first, 1 - first};
    }
    StudyScores scores =
        StudyScores.of(
            seed,
            List.of("electron", "proton"),
            Predictions.of(labels, probabilities),
            TABLE,
            IntStream.range(from, from + CLUSTERS).toArray(),
            100,
            tuning);
    folder.write(kind, name, seed, scores);
    if (kind.equals("finetune")) {
      Path run = folder.finetuning(name, seed).path();
      try {
        Files.createDirectories(run);
        Files.writeString(
            run.resolve("metrics.csv"),
            "step,accuracy,heldout_balanced_accuracy\n50,0.7,0.8\n100,0.8,0.9\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean[] right(long seed, double share) {
    Random random = new Random(seed);
    boolean[] right = new boolean[CLUSTERS];
    for (int i = 0; i < CLUSTERS; i++) {
      right[i] = random.nextDouble() < share;
    }
    return right;
  }

  private static ClusterTable table() {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < CLUSTERS + 1; i++) {
      int hits = 1 + i / 2 % 16;
      short[] x = new short[hits];
      float[] energy = new float[hits];
      for (int k = 0; k < hits; k++) {
        x[k] = (short) k;
        energy[k] = 20;
      }
      clusters.add(new Cluster(0, 0, x, new short[hits], energy, new float[hits], null));
    }
    return ClusterTable.of(clusters, 0);
  }
}
