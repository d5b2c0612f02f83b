package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;

/// `dataset --pile-up` of simulated betas.
final class PileUpCommandTest {
  @TempDir Path folder;

  private static Cli succeeds(Cli cli) {
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  private static JsonNode info(Path file) throws IOException {
    return succeeds(Cli.run("info", "--json", file)).json();
  }

  private Path betas() {
    Path betas = folder.resolve("betas.parquet");
    succeeds(Cli.run("simulate", "--preset", "sr90", "--particles", 6000, "-o", betas));
    return betas;
  }

  private Cli make(Object... words) {
    List<Object> all = new ArrayList<>(List.of("dataset"));
    all.addAll(Arrays.asList(words));
    return Cli.run(all.toArray());
  }

  private void refused(String part, Object... words) {
    Cli cli = make(words);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(part), cli.err());
    assertTrue(Files.notExists(folder.resolve("no.parquet")));
  }

  @Test
  void makesTwoDataSetsThatANetworkLearnsFrom() throws IOException {
    Path betas = betas();
    Path train = folder.resolve("train.parquet");
    Path test = folder.resolve("test.parquet");
    Cli cli = succeeds(make(betas, "-o", train, "--pile-up", "--test", test, "--seed", 4));
    assertTrue(cli.out().contains("of each class, matched of"), cli.out());
    JsonNode made = info(train);
    assertEquals(0, made.path("clusters").asLong() % 2);
    assertEquals("overlay", made.path("properties").path("pile_up").asText());
    assertEquals("4", made.path("properties").path("pile_up_seed").asText());
    assertEquals("0.3", made.path("properties").path("pile_up_test_share").asText());
    String question =
        "select count(*) filter (n_particles = 1) = count(*) filter (n_particles = 2) as even,"
            + " min(size) >= 3 as large from clusters";
    String answer = succeeds(Cli.run("query", test, question)).out();
    assertTrue(answer.contains("true") && !answer.contains("false"), answer);

    byte[] first = Files.readAllBytes(train);
    byte[] second = Files.readAllBytes(test);
    succeeds(make(betas, "-o", train, "--pile-up", "--test", test, "--seed", 4, "--force"));
    assertArrayEquals(first, Files.readAllBytes(train));
    assertArrayEquals(second, Files.readAllBytes(test));

    Path run = folder.resolve("run");
    succeeds(
        Cli.run(
            "finetune",
            train,
            "-o",
            run,
            "--labels",
            "pile-up",
            "--split-unit",
            "block",
            "--arch",
            "hits_s",
            "--steps",
            4,
            "--batch",
            16,
            "--device",
            "cpu"));
    Path result = folder.resolve("evaluation");
    succeeds(Cli.run("evaluate", run, test, "-o", result, "--resamples", 10));
    assertTrue(Files.exists(result));
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".tmp")), "a temporary file is left");
    }
  }

  @Test
  void optionsHoldAndTheControlIsNamed() throws IOException {
    Path betas = betas();
    Path out = folder.resolve("out.parquet");
    succeeds(
        make(
            betas,
            "-o",
            out,
            "--pile-up",
            "--control",
            "--pile-up-threshold",
            6,
            "--overlays",
            2,
            "--min-hits",
            4,
            "--max-hits",
            20,
            "--where",
            "energy < 500"));
    JsonNode properties = info(out).path("properties");
    assertEquals("control", properties.path("pile_up").asText());
    assertEquals("6.0", properties.path("pile_up_threshold_kev").asText());
    assertEquals("2", properties.path("pile_up_overlays").asText());
    assertEquals("energy < 500", properties.path("where").asText());
    String answer =
        succeeds(
                Cli.run(
                    "query",
                    out,
                    "select min(size) >= 4 and max(size) <= 20 and max(energy) < 500"
                        + " and min(list_min(hit_energy)) >= 6 as holds from clusters"))
            .out();
    assertTrue(answer.contains("true"), answer);
  }

  @Test
  void refusesWhatContradicts() throws IOException {
    Path raw = Files.writeString(folder.resolve("a.clog"), Cli.clog(20, 20, 20));
    Path no = folder.resolve("no.parquet");
    refused("--calibration", raw, "-o", no, "--pile-up");
    refused("with --pile-up", raw, "-o", no, "--test", folder.resolve("t.parquet"));
    refused("with --pile-up", raw, "-o", no, "--control");
    refused("with --pile-up", raw, "-o", no, "--overlays", 3);
    refused("--balance", raw, "-o", no, "--pile-up", "--balance");
    refused("--shards", raw, "-o", no, "--pile-up", "--shards", 2);
    refused("there is no --test", raw, "-o", no, "--pile-up", "--test-share", 0.2);
    refused("is --output too", raw, "-o", no, "--pile-up", "--test", no);
    refused("1 to 64", raw, "-o", no, "--pile-up", "--overlays", 65);
    refused("no energy", raw, "-o", no, "--pile-up", "--pile-up-threshold", -2);
    refused("below --min-hits 3", raw, "-o", no, "--pile-up", "--max-hits", 2);
    Path test = folder.resolve("t.parquet");
    refused("no part", raw, "-o", no, "--pile-up", "--test", test, "--test-share", 1);
    Files.writeString(test, "there");
    refused("exists", raw, "-o", no, "--pile-up", "--test", test);
    assertEquals("there", Files.readString(test));
  }
}
