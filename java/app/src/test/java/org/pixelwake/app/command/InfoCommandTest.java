package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;

final class InfoCommandTest {
  private static final Path T3PA = Cli.fixture("t3pa/tabs.t3pa");
  private static final Path CLOG = Cli.fixture("clog/timepix.clog");

  @Test
  void jsonOfOneFileIsAnObject() throws IOException {
    Cli cli = Cli.run("info", "--json", T3PA);
    assertEquals(0, cli.code(), cli.err());
    JsonNode node = cli.json();
    assertTrue(node.isObject());
    assertEquals("t3pa", node.path("format").asText());
    assertEquals("Timepix3", node.path("detector").asText());
    assertEquals(4, node.path("hits").asLong());
    assertEquals(4, node.path("clusters").asLong());
    assertEquals(3, node.path("markers").asLong());
    assertEquals(4, node.path("sizes").path(0).path("clusters").asLong());
    assertTrue(node.path("has_toa").asBoolean());
  }

  @Test
  void jsonOfSeveralFilesIsAnArrayInTheirOrder() throws IOException {
    Cli cli = Cli.run("info", CLOG, T3PA, "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonNode node = cli.json();
    assertTrue(node.isArray());
    assertEquals(2, node.size());
    assertEquals("clog", node.path(0).path("format").asText());
    assertEquals(3, node.path(0).path("frames").asLong());
    assertEquals(7, node.path(0).path("hits").asLong());
    assertEquals(3, node.path(0).path("clusters").asLong());
    assertEquals("t3pa", node.path(1).path("format").asText());
  }

  @Test
  void textTellsTheSameAndDrawsBars() {
    Cli cli = Cli.run("info", CLOG);
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("frames:         3 (1 empty)"), cli.out());
    assertTrue(cli.out().contains("hits:           7\n"), cli.out());
    assertTrue(cli.out().contains("clusters:       3, the largest of 4"), cli.out());
    assertTrue(cli.out().contains("2 - 3  1  \u2588"), cli.out());
    assertFalse(cli.out().contains("\u001b"), "colours where there is no terminal");
  }

  @Test
  void calibrationMaskAndWindowAreObeyed(@TempDir Path folder) throws IOException {
    Path mask = Files.writeString(folder.resolve("mask.txt"), "10 11\n");
    JsonNode masked = Cli.run("info", "--json", CLOG, "--mask", mask).json();
    assertEquals(6, masked.path("hits").asLong());
    assertEquals(1, masked.path("masked_hits").asLong());

    Path matrices = Files.createDirectory(folder.resolve("abct"));
    String[] values = {"2", "0", "0", "-1"};
    for (int i = 0; i < 4; i++) {
      String row = (values[i] + " ").repeat(256).strip() + "\n";
      Files.writeString(matrices.resolve("abct".charAt(i) + ".txt"), row.repeat(256));
    }
    JsonNode calibrated = Cli.run("info", "--json", CLOG, "--calibration", matrices).json();
    assertEquals("keV", calibrated.path("energy_unit").asText());

    Path pair = folder.resolve("pair.t3pa");
    Files.writeString(
        pair,
        """
        Index\tMatrix Index\tToA\tToT\tFToA\tOverflow
        0\t257\t100\t9\t0\t0
        1\t258\t104\t9\t0\t0
        """);
    // Neighbours 4 clocks of 25 ns apart.
    assertEquals(1, Cli.run("info", "--json", pair).json().path("clusters").asLong());
    JsonNode narrow = Cli.run("info", "--json", pair, "--window-ns", "50").json();
    assertEquals(2, narrow.path("clusters").asLong());
  }

  @Test
  void describesCheckpoints() throws IOException {
    Path golden = Cli.repository("java/network/src/test/resources/golden");
    Cli cli = Cli.run("info", "--json", golden.resolve("autoencoder_tiny.pth"));
    assertEquals(0, cli.code(), cli.err());
    assertEquals("checkpoint", cli.json().path("kind").asText());
    assertEquals("autoencoder", cli.json().path("network").asText());
    assertEquals(221_505, cli.json().path("parameters").asLong());

    Cli other = Cli.run("info", golden.resolve("autoencoder_tiny.golden.safetensors"));
    assertEquals(0, other.code(), other.err());
    assertTrue(other.out().contains("architecture:   not known"), other.out());
  }

  @Test
  void describesTheOtherFilesWhereOneIsWrong() throws IOException {
    Cli cli = Cli.run("info", "--json", "missing.t3pa", T3PA);
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("missing.t3pa"), cli.err());
    assertEquals(1, cli.json().size());
    assertEquals(4, cli.json().path(0).path("hits").asLong());
  }
}
