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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetWriter;

class FinetuneCommandTest {
  private static final String TINY = "efficientnet_w0.1_d0.1";

  @TempDir Path temp;

  private Path dataset(EnergyUnit unit) {
    return dataset(temp.resolve(unit + ".parquet"), unit);
  }

  /// Lines of muons and squares of alphas, from a file each.
  static Path dataset(Path file, EnergyUnit unit) {
    List<SourceInfo> sources = List.of(source("cosmic.t3pa", unit), source("americium.t3pa", unit));
    try (DatasetWriter writer = DatasetWriter.create(file, DatasetInfo.of("test", sources))) {
      for (int i = 0; i < 160; i++) {
        writer.append(cluster(i), i % 2);
      }
      writer.finish();
    }
    return file;
  }

  private static SourceInfo source(String file, EnergyUnit unit) {
    return new SourceInfo(file, "test", "Timepix3", "", 256, 256, true, unit, Map.of());
  }

  private static Cluster cluster(int i) {
    boolean line = i % 2 == 0;
    int hits = line ? 6 + i % 5 : 9;
    short[] x = new short[hits];
    short[] y = new short[hits];
    float[] energy = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) (20 + (line ? k : k % 3));
      y[k] = (short) (30 + (line ? k * (i % 3) / 2 : k / 3));
      energy[k] = (float) ((line ? 5 : 60) * (1 + Philox.uniform(Philox.bits(3, i, k))));
    }
    float nan = Float.NaN;
    Truth truth =
        new Truth(
            line ? 13 : 1000020040,
            line ? 1000 : 5 + i / 100f,
            (float) (60 * Philox.uniform(Philox.bits(4, i, 0))),
            nan,
            nan,
            nan,
            nan,
            nan,
            i);
    return new Cluster(0, i, x, y, energy, new float[hits], truth);
  }

  private Cli finetune(Path dataset, Path run, Object... more) {
    Object[] first = {
      "finetune",
      dataset,
      "-o",
      run,
      "--arch",
      TINY,
      "--side",
      32,
      "--batch",
      8,
      "--learning-rate",
      "5e-3",
      "--held-out",
      "0.3",
      "--ema",
      "0.9"
    };
    Object[] all = new Object[first.length + more.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Cli.run(all);
  }

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(Files.readString(file));
  }

  @Tag("slow")
  @Test
  void trainsEvaluatesAndEmbeds() throws IOException, SQLException {
    Path dataset = dataset(EnergyUnit.KEV);
    Path run = temp.resolve("run");
    Cli result = finetune(dataset, run, "--targets", "theta_deg", "--steps", 150);
    assertEquals(ExitCode.OK, result.code(), result.err());
    assertTrue(result.out().contains("balanced accuracy"), result.out());
    String report = Files.readString(run.resolve("report.html"));
    assertTrue(report.contains("Classes of the held-out clusters"), "no confusion matrix");
    assertTrue(Files.readString(run.resolve("metrics.csv")).contains("heldout_error_theta_deg"));
    modelFolder(run.resolve("model"));
    evaluation(run, dataset);
    embeddings(run, dataset);
    // What was handed on is read as the run is.
    Path again = temp.resolve("again.parquet");
    assertEquals(ExitCode.OK, Cli.run("embed", run.resolve("model"), dataset, "-o", again).code());
    assertArrayEquals(
        Files.readAllBytes(temp.resolve("embeddings.parquet")), Files.readAllBytes(again));
  }

  private static void modelFolder(Path model) throws IOException {
    for (String name :
        List.of(
            "model.safetensors",
            "config.yaml",
            "normalisation.json",
            "data.json",
            "metrics.json",
            "MODEL_CARD.md")) {
      assertTrue(Files.size(model.resolve(name)) > 0, name);
    }
    JsonNode normalisation = json(model.resolve("normalisation.json"));
    assertEquals("kev", normalisation.get("unit").asText());
    assertTrue(normalisation.get("energy_scale").asDouble() > 50);
    assertEquals("theta_deg", normalisation.get("targets").get(0).get("name").asText());
    JsonNode data = json(model.resolve("data.json"));
    assertEquals(160, data.get("train_clusters").asInt() + data.get("held_out_clusters").asInt());
    assertEquals("cosmic.t3pa", data.get("sources").get(0).get("file").asText());
    JsonNode accuracy = json(model.resolve("metrics.json")).at("/classification/accuracy");
    assertTrue(accuracy.get("value").asDouble() > 0.9, accuracy::toString);
    assertTrue(accuracy.get("low").asDouble() <= accuracy.get("value").asDouble());
    String card = Files.readString(model.resolve("MODEL_CARD.md"));
    assertTrue(card.contains("muon, alpha"), card);
    assertTrue(card.contains("| balanced accuracy |"), card);
  }

  private void evaluation(Path run, Path dataset) throws IOException, SQLException {
    Path folder = temp.resolve("evaluation");
    Cli result = Cli.run("evaluate", run, dataset, "-o", folder, "--held-out", "--resamples", 50);
    assertEquals(ExitCode.OK, result.code(), result.err());
    JsonNode metrics = json(folder.resolve("metrics.json"));
    JsonNode own = json(run.resolve("model/metrics.json"));
    // The same clusters, the same figures.
    assertEquals(
        own.at("/classification/accuracy/value"), metrics.at("/classification/accuracy/value"));
    assertEquals(
        own.at("/values/theta_deg/mean_absolute_error/value").asDouble(),
        metrics.at("/values/theta_deg/mean_absolute_error/value").asDouble(),
        1e-4);
    int clusters = metrics.get("clusters").asInt();
    int binned = 0;
    for (JsonNode bin : metrics.at("/accuracy_by/hits")) {
      binned += bin.get("clusters").asInt();
    }
    assertEquals(clusters, binned);
    String report = Files.readString(folder.resolve("report.html"));
    for (String part : List.of("ROC", "Calibration", "Accuracy over hits", "Confusion matrix")) {
      assertTrue(report.contains(part), part);
    }
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "select count(*), avg((class = predicted_class)::int),"
                    + " max(abs(probability_muon + probability_alpha - 1)),"
                    + " count(predicted_theta_deg) from '"
                    + folder.resolve("predictions.parquet")
                    + "'")) {
      assertTrue(found.next());
      assertEquals(clusters, found.getInt(1));
      assertEquals(
          metrics.at("/classification/accuracy/value").asDouble(), found.getDouble(2), 1e-12);
      assertEquals(0, found.getDouble(3), 1e-6);
      assertEquals(clusters, found.getInt(4));
    }
    Cli all =
        Cli.run(
            "evaluate",
            run,
            dataset,
            "-o",
            temp.resolve("all"),
            "--resamples",
            0,
            "--symmetries",
            8);
    assertEquals(ExitCode.OK, all.code(), all.err());
    assertTrue(all.err().contains("--held-out leaves those out"), all.err());
    assertTrue(all.out().contains("160 clusters"), all.out());
    Cli sources =
        Cli.run(
            "evaluate",
            run,
            dataset,
            "-o",
            temp.resolve("sources"),
            "--labels",
            "source",
            "--classes",
            "alpha=*americium*,muon=*cosmic*");
    assertEquals(ExitCode.OK, sources.code(), sources.err());
    assertEquals(
        json(temp.resolve("all/metrics.json")).at("/classification/confusion"),
        json(temp.resolve("sources/metrics.json")).at("/classification/confusion"));
  }

  private void embeddings(Path run, Path dataset) throws SQLException {
    Path table = temp.resolve("embeddings.parquet");
    Cli result = Cli.run("embed", run, dataset, "-o", table, "--batch", 7);
    assertEquals(ExitCode.OK, result.code(), result.err());
    assertTrue(result.out().contains("160 clusters"), result.out());
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "select count(*), min(len(features)), max(len(features)), max(\"row\"),"
                    + " count(distinct features), count(theta_deg), count(phi_deg) from '"
                    + table
                    + "'")) {
      assertTrue(found.next());
      assertEquals(160, found.getInt(1));
      assertEquals(found.getInt(2), found.getInt(3));
      assertTrue(found.getInt(2) > 8);
      assertEquals(159, found.getInt(4));
      assertTrue(found.getInt(5) > 100);
      assertEquals(160, found.getInt(6));
      assertEquals(0, found.getInt(7));
    }
  }

  @Test
  void startsFromAPretrainedModel() throws IOException {
    Path dataset = dataset(EnergyUnit.KEV);
    Path pretrained = temp.resolve("pretrained");
    Cli made =
        Cli.run(
            "pretrain",
            dataset,
            "-o",
            pretrained,
            "--arch",
            TINY,
            "--side",
            32,
            "--batch",
            8,
            "--steps",
            2,
            "--min-bin",
            5,
            "--pictures",
            0);
    assertEquals(ExitCode.OK, made.code(), made.err());
    assertTrue(Files.readString(pretrained.resolve("model/MODEL_CARD.md")).contains("autoencoder"));
    Path features = temp.resolve("features.parquet");
    assertEquals(
        ExitCode.OK, Cli.run("embed", pretrained.resolve("model"), dataset, "-o", features).code());
    Path run = temp.resolve("run");
    assertUserError(
        Cli.run("finetune", dataset(EnergyUnit.TOT), "-o", run, "--model", pretrained),
        "its energies are in kev, those of the data in TOT");
    assertFalse(Files.exists(run));
    Cli result =
        Cli.run(
            "finetune",
            dataset,
            "-o",
            run,
            "--model",
            pretrained,
            "--frozen",
            "true",
            "--steps",
            3,
            "--labels",
            "source",
            "--classes",
            "muon=*cosmic*,alpha=*americium*");
    assertEquals(ExitCode.OK, result.code(), result.err());
    assertTrue(Files.readString(run.resolve("config.yaml")).contains(TINY));
    // The same run goes no further.
    Cli resumed = Cli.run("finetune", "-o", run, "--resume");
    assertEquals(ExitCode.OK, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains("resuming after step 3"), resumed.err());
  }

  /// A network over hits takes the same way as one over images: pretrained, pictured, read for
  /// features, finetuned.
  @Test
  void networkOverHitsIsPretrained() throws IOException {
    Path dataset = dataset(EnergyUnit.KEV);
    Path pretrained = temp.resolve("pretrained");
    Cli made =
        Cli.run(
            "pretrain",
            dataset,
            "-o",
            pretrained,
            "--arch",
            "hits_w8_d1",
            "--side",
            32,
            "--batch",
            8,
            "--steps",
            3,
            "--min-bin",
            5,
            "--pictures",
            2,
            "--mask-fraction",
            "0.5");
    assertEquals(ExitCode.OK, made.code(), made.err());
    String report = Files.readString(pretrained.resolve("report.html"));
    assertTrue(report.contains("hit by hit, with 50 % of the hits hidden"), "no summary");
    assertTrue(report.contains("Loss of quantities"), "no loss of quantities");
    assertFalse(report.contains("Image head alone"), "there is no image head");
    String metrics = Files.readString(pretrained.resolve("metrics.csv"));
    assertTrue(metrics.contains("heldout_feature_loss"), metrics);
    Path pictures = temp.resolve("pictures");
    Cli shown = Cli.run("reconstruct", pretrained, dataset, "-o", pictures);
    assertEquals(ExitCode.OK, shown.code(), shown.err());
    assertTrue(Files.exists(pictures.resolve("report.html")));
    Cli embedded = Cli.run("embed", pretrained, dataset, "-o", temp.resolve("features.parquet"));
    assertEquals(ExitCode.OK, embedded.code(), embedded.err());
    assertTrue(embedded.out().contains("48 features"), embedded.out());
    Path run = temp.resolve("finetuned");
    Cli tuned =
        Cli.run(
            "finetune",
            dataset,
            "-o",
            run,
            "--model",
            pretrained,
            "--steps",
            2,
            "--batch",
            8,
            "--held-out",
            "0.3");
    assertEquals(ExitCode.OK, tuned.code(), tuned.err());
    assertTrue(Files.readString(run.resolve("config.yaml")).contains("hits_w8_d1"));
  }

  @Test
  void wrongInputIsToldInALine() throws IOException {
    Path dataset = dataset(EnergyUnit.KEV);
    Path run = temp.resolve("wrong");
    assertUserError(finetune(dataset, run, "--classes", "muon,quark"), "no particle has that name");
    assertUserError(finetune(dataset, run, "--layer-decay", "0"), "--layer-decay");
    assertUserError(finetune(dataset, run, "--model", temp.resolve("none")), "none");
    assertUserError(
        Cli.run("finetune", dataset, "-o", run, "--arch", "vgg"), "no such architecture");
    assertUserError(Cli.run("finetune", "-o", run), "DATA: is missing");
    assertUserError(Cli.run("finetune", "-o", run, "--resume"), "holds no checkpoint");
    assertFalse(Files.exists(run));
    Path good = temp.resolve("good");
    assertEquals(ExitCode.OK, finetune(dataset, good, "--steps", 1).code());
    assertUserError(finetune(dataset, good), "holds a run already");
    assertUserError(
        Cli.run("evaluate", good, dataset(EnergyUnit.TOT), "-o", temp.resolve("e")), "in TOT");
    assertUserError(
        Cli.run("evaluate", good, temp.resolve("none.parquet"), "-o", temp.resolve("e")), "none");
    assertUserError(
        Cli.run("evaluate", good, dataset, "-o", temp.resolve("e"), "--symmetries", 3),
        "Give 1 or 8");
    assertUserError(
        Cli.run("finetune", dataset, "-o", run, "--arch", "hits_xl"), "no such network over hits");
    assertUserError(
        Cli.run("finetune", dataset, "-o", run, "--arch", "hits_s", "--precision", "bf16"),
        "--precision f32");
    assertUserError(
        Cli.run(
            "pretrain",
            dataset,
            "-o",
            run,
            "--arch",
            "hits_s",
            "--min-bin",
            1,
            "--precision",
            "bf16"),
        "--precision f32");
    assertFalse(Files.exists(run));
    assertFalse(Files.exists(temp.resolve("e")));
    assertUserError(
        Cli.run("embed", good, dataset, "-o", temp.resolve("features.csv")), "Name a .parquet");
  }

  private static void assertUserError(Cli result, String part) {
    assertEquals(ExitCode.USER_ERROR, result.code(), result.err());
    assertTrue(result.err().contains(part), result.err());
  }
}
