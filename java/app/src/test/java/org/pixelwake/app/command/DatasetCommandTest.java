package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;

final class DatasetCommandTest {
  @TempDir Path folder;

  private Path clog(String name, int... copies) throws IOException {
    return Files.writeString(folder.resolve(name), Cli.clog(copies));
  }

  private static JsonNode info(Path file) throws IOException {
    Cli cli = Cli.run("info", "--json", file);
    assertEquals(0, cli.code(), cli.err());
    return cli.json();
  }

  private static void succeeds(Cli cli) {
    assertEquals(0, cli.code(), cli.err());
  }

  @Test
  void mergesDetectorDataAndDataSetsAndKeepsTheSources() throws IOException {
    Path first = folder.resolve("first.parquet");
    succeeds(Cli.run("dataset", clog("a.clog", 3, 2), clog("b.clog", 1), "-o", first));
    JsonNode one = info(first);
    assertEquals(6, one.path("clusters").asLong());
    assertEquals(8, one.path("hits").asLong());
    assertEquals("200.0", one.path("properties").path("window_ns").asText());

    Path second = folder.resolve("second.parquet");
    succeeds(Cli.run("dataset", first, clog("c.clog", 0, 0, 4), "-o", second));
    JsonNode two = info(second);
    assertEquals(10, two.path("clusters").asLong());
    assertEquals(20, two.path("hits").asLong());
    List<String> files =
        two.path("sources").valueStream().map(s -> s.path("file").asText()).toList();
    assertEquals(3, files.size());
    assertTrue(files.get(0).endsWith("a.clog"), files.toString());
    assertTrue(files.get(1).endsWith("b.clog"), files.toString());
    assertTrue(files.get(2).endsWith("c.clog"), files.toString());
  }

  @Test
  void leavesOutByTheLimitsOfSize() throws IOException {
    Path out = folder.resolve("out.parquet");
    Path in = clog("a.clog", 3, 2, 5);
    succeeds(Cli.run("dataset", in, "-o", out, "--min-hits", 2, "--max-hits", 2));
    assertEquals(2, info(out).path("clusters").asLong());
    Cli none = Cli.run("dataset", in, "-o", folder.resolve("no.parquet"), "--min-hits", 9);
    assertEquals(2, none.code());
    assertTrue(none.err().contains("outside the limits"), none.err());
  }

  @Test
  void balancesAndShowsBothHistograms() throws IOException {
    // Bins 1: 90, 2-3: 60 + 10, 4-7: 20; the last is small.
    Path in = clog("a.clog", 90, 60, 10, 20);
    Path out = folder.resolve("out.parquet");
    Cli cli = Cli.run("dataset", in, "-o", out, "--balance", "--seed", 3);
    succeeds(cli);
    assertTrue(cli.out().contains("number of hits, before"), cli.out());
    assertTrue(cli.out().contains("number of hits, after"), cli.out());
    JsonNode node = info(out);
    assertEquals(140, node.path("clusters").asLong());
    assertEquals(70, node.path("sizes").path(0).path("clusters").asLong());
    assertEquals(70, node.path("sizes").path(1).path("clusters").asLong());
    assertEquals("3", node.path("properties").path("balance_seed").asText());

    Path again = folder.resolve("again.parquet");
    succeeds(Cli.run("dataset", in, "-o", again, "--balance", "--seed", 3));
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));

    Path merged = folder.resolve("merged.parquet");
    succeeds(Cli.run("dataset", in, "-o", merged));
    Path low = folder.resolve("low.parquet");
    succeeds(Cli.run("dataset", merged, "-o", low, "--balance", "--min-bin", 10));
    assertEquals(60, info(low).path("clusters").asLong());
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".tmp")), "a temporary file is left");
    }
  }

  @Test
  void refusesEnergiesOfTwoUnits() throws IOException {
    Cli cli =
        Cli.run(
            "dataset",
            clog("a.clog", 3),
            Cli.fixture("mm/a.ini"),
            "-o",
            folder.resolve("out.parquet"));
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("KEV"), cli.err());
    assertTrue(Files.notExists(folder.resolve("out.parquet")));
  }
}
