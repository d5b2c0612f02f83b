package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.Main;
import org.pixelwake.run.study.StudyFolder;
import org.pixelwake.run.study.StudyPlan;
import org.pixelwake.run.study.StudyScores;

@Tag("slow")
class StudyCommandTest {
  private static final String TINY =
      """
      title: Tiny
      seeds: [1, 2]
      data:
        real: {preset: satram-real, particles: 260, seed: 1, test-particles: 260}
      pretrain:
        arch: efficientnet_w0.1_d0.1
        side: 32
        max-scale: 2
        steps: 6
        batch: 8
        min-bin: 5
        evaluate-clusters: 16
        evaluate-every: 2
        checkpoint-minutes: 0.0001
        pictures: 2
      finetune:
        classes: electron,proton
        side: 32
        max-scale: 2
        steps: 6
        batch: 8
        evaluate-clusters: 16
        evaluate-every: 2
        checkpoint-minutes: 0.0001
      pretrainings:
        heads: {data: real}
        headless: {data: real, settings: {cluster-weight: 0, threshold-weight: 0}}
      variations:
        pretrained: {data: real, pretraining: heads}
        scratch: {data: real, settings: {arch: efficientnet_w0.1_d0.1}}
        turned: {data: real, network: scratch, symmetries: 8}
      baselines:
        trees: {data: real, tune: true, description: "XGBoost."}
      few-labels:
        data: real
        labels: [40]
        rows:
          fresh: {longer: 2, settings: {arch: efficientnet_w0.1_d0.1, steps: 2}}
          trees: {kind: trees}
      roles: {pretrained: pretrained, scratch: scratch, heads: heads, headless: headless, trees: trees, best: turned}
      map: 60
      """;

  // Random moments at which the study is killed; more on demand, as each costs a start of Java.
  private static final int KILLS = Integer.getInteger("pixelwake.study.kills", 3);

  @TempDir Path temp;

  private Path plan(String text) throws IOException {
    return Files.writeString(temp.resolve("plan.yaml"), text);
  }

  private static Map<String, String> results(Path study) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(study.resolve("results"))) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return all;
  }

  @Test
  void aStudyKilledAtAnyMomentGoesOnToTheSameResults() throws Exception {
    Path plan = plan(TINY);
    Path whole = temp.resolve("whole");
    Cli done = Cli.run("study", plan, "-o", whole);
    assertEquals(0, done.code(), done.err());
    Map<String, String> expected = results(whole);
    // Two seeds of two pretrainings, three variations and trees, their features, and a network and
    // trees with few labels.
    assertEquals(18, expected.size());
    String report = Files.readString(whole.resolve("report.html"));
    assertTrue(report.contains("Pretraining converges faster"), "the statements are in the report");
    assertTrue(report.contains("UMAP after finetuning"), "the maps are in the report");
    assertTrue(Files.exists(whole.resolve("figures/accuracy-over-steps.svg")));
    tunedTrees(whole, report);

    // What is done is not done again.
    Path pretrained = whole.resolve("pretrain/heads/seed-1/model.safetensors");
    var written = Files.getLastModifiedTime(pretrained);
    assertEquals(0, Cli.run("study", plan, "-o", whole).code());
    assertEquals(written, Files.getLastModifiedTime(pretrained));
    assertEquals(expected, results(whole));

    Path killed = temp.resolve("killed");
    Random random = new Random(1);
    int[] milestones = random.ints(KILLS, 0, expected.size() - 2).sorted().toArray();
    for (int milestone : milestones) {
      Process process = start(plan, killed);
      awaitWork(process, killed, milestone);
      process.waitFor(random.nextInt(150), TimeUnit.MILLISECONDS);
      process.destroyForcibly();
      assertEquals(128 + 9, process.waitFor(), "SIGKILL landed in the middle of the study");
      int found = finished(killed);
      assertTrue(
          milestone <= found && found < expected.size(),
          "killed at " + found + " results of " + expected.size() + ", wanted " + milestone);
    }
    Process last = start(plan, killed);
    assertEquals(0, last.waitFor());
    assertEquals(expected, results(killed));
  }

  private static void tunedTrees(Path study, String report) {
    assertTrue(report.contains("Over tuned trees"), "the column is in the report");
    assertTrue(report.contains("in its best form beats tuned trees"), "a role is named for it");
    assertFalse(report.contains("Networks over hits beat"), "no role is named for it");
    StudyFolder folder = new StudyFolder(study);
    StudyScores trees = folder.read("baseline", "trees", 2, StudyScores.class).orElseThrow();
    StudyScores turned = folder.read("finetune", "turned", 2, StudyScores.class).orElseThrow();
    StudyScores scratch = folder.read("finetune", "scratch", 2, StudyScores.class).orElseThrow();
    StudyScores.Tuning tuning = trees.tuning();
    assertTrue(
        tuning != null && tuning.tried().size() == 8 && tuning.tried().contains(tuning.chosen()));
    assertTrue(report.contains("seed 2: " + tuning.chosen()), "the chosen settings are told");
    assertEquals(trees.outcomes().checksum(), turned.outcomes().checksum());
    assertEquals(scratch.steps(), turned.steps());
    StudyScores few = folder.read("finetune", "few-fresh-40", 2, StudyScores.class).orElseThrow();
    assertEquals(4, few.steps(), "twice the steps");
    assertTrue(report.contains("40 labels"), "few labels have a table");
    assertFalse(Files.exists(study.resolve("finetune/turned")), "nothing is trained for it");
    assertEquals(
        trees.clusters(), trees.outcomes().labels().length, "every test cluster has an outcome");
  }

  // Waits until this process has written into the study, and the study has so many results.
  private void awaitWork(Process process, Path study, int results) throws Exception {
    Set<String> before = contents(study);
    while (contents(study).equals(before) || finished(study) < results) {
      assertFalse(
          process.waitFor(2, TimeUnit.MILLISECONDS),
          () -> "the study ended before it was killed: " + out());
    }
  }

  private static int finished(Path study) throws IOException {
    if (!Files.isDirectory(study.resolve("results"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(study.resolve("results"))) {
      return (int) files.filter(file -> file.toString().endsWith(".json")).count();
    }
  }

  // Every file of the study with its length and time: it changes with whatever is written.
  private static Set<String> contents(Path study) {
    Set<String> all = new TreeSet<>();
    try (Stream<Path> files = Files.walk(study)) {
      for (Path file : files.toList()) {
        all.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
      }
    } catch (IOException | UncheckedIOException e) {
      // The folder is not there yet, or a file went while it was looked at.
      all.add(e.toString());
    }
    return all;
  }

  private String out() {
    try {
      return Files.readString(temp.resolve("out.txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void sourcesOfFilesAreToldApartWithoutAnyTruth() throws IOException {
    Path train = sources("train", 40);
    Path test = sources("test", 20);
    String text =
        TINY.replace(
                "real: {preset: satram-real, particles: 260, seed: 1, test-particles: 260}",
                "real: {file: " + train + ", test: " + test + "}")
            .replace(
                "classes: electron,proton", "labels: source\n  classes: dots=*dots*,lines=*lines*")
            .replace("seeds: [1, 2]", "seeds: [1]");
    Path study = temp.resolve("sources");
    Cli done = Cli.run("study", plan(text), "-o", study);
    assertEquals(0, done.code(), done.err());
    String report = Files.readString(study.resolve("report.html"));
    assertTrue(
        report.contains("dots") && report.contains("lines"), "the classes are in the report");
    assertFalse(report.contains("Angle from the normal"), "angles are not known");
    StudyScores scores =
        new StudyFolder(study).read("finetune", "pretrained", 1, StudyScores.class).orElseThrow();
    assertEquals(List.of("dots", "lines"), scores.classes());
    assertEquals(40, scores.clusters());
  }

  /// A data set of two sources.
  private Path sources(String name, int clusters) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    Path dots = folder.resolve("dots.clog");
    Path lines = folder.resolve("lines.clog");
    Files.writeString(dots, Cli.clog(clusters));
    Files.writeString(lines, Cli.clog(0, 0, 0, 0, 0, 0, clusters));
    Path data = folder.resolve("data.parquet");
    assertEquals(0, Cli.run("dataset", dots, lines, "-o", data).code());
    return data;
  }

  private Process start(Path plan, Path study) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dpixelwake.native.dir=" + System.getProperty("pixelwake.native.dir", ""),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "study",
            plan.toString(),
            "-o",
            study.toString())
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve("out.txt").toFile())
        .start();
  }

  @Test
  void plansThatCannotBeAreRefusedByTheirPlace() throws IOException {
    Path study = temp.resolve("refused");
    Map<String, String> wrong =
        Map.of(
            TINY.replace("map: 60", "mapp: 60"),
            "key mapp: is not known here; known are baselines, data",
            TINY.replace("map: 60", "map: sixty"),
            "key map: is sixty, not a whole number",
            "steps",
            "is not a block of keys and values",
            TINY.replace("pretraining: heads}", "pretraining: none}"),
            "names none, which is not there",
            TINY.replace(", test-particles: 260", ""),
            "no clusters to measure on",
            TINY.replace("preset: satram-real", "preset: moon"),
            "a preset that there is not",
            TINY.replace("  pretrained:", "  ../up:"),
            "has other characters",
            "seeds: [",
            "is no valid YAML");
    for (Map.Entry<String, String> one : wrong.entrySet()) {
      Cli refused = Cli.run("study", plan(one.getKey()), "-o", study);
      assertEquals(2, refused.code(), one.getValue());
      assertTrue(refused.err().contains(one.getValue()), refused.err());
      assertFalse(Files.exists(study), "nothing is written");
    }
    assertEquals(2, Cli.run("study").code());
    assertEquals(2, Cli.run("study", "--preset", "none", "-o", study).code());
  }

  @Test
  void presetsAreStudies() {
    for (String name : StudyPlan.PRESETS) {
      Cli printed = Cli.run("study", "--print-preset", name);
      assertEquals(0, printed.code());
      StudyPlan plan = StudyPlan.parse(name, printed.out());
      assertTrue(plan.seeds().size() >= 3, name);
      List<String> roles = List.of(plan.roles().pretrained(), plan.roles().scratch());
      assertTrue(plan.variations().keySet().containsAll(roles), name);
      assertTrue(plan.variations().keySet().containsAll(plan.roles().masked()), name);
      StudyPlan.Baseline trees = plan.baselines().get(plan.roles().trees());
      assertTrue(trees != null && trees.tune(), name);
      StudyPlan.Variation hits = plan.variations().get(plan.roles().hits());
      StudyPlan.Variation best = plan.variations().get(plan.roles().best());
      assertTrue(hits != null && hits.data().equals(trees.data()), name);
      assertTrue(best != null && best.data().equals(trees.data()), name);
      assertEquals(100_000, plan.data().get(hits.data()).testParticles(), name);
    }
  }
}
