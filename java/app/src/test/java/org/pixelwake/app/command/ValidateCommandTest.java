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

final class ValidateCommandTest {
  @Test
  void writesAReportAndJson(@TempDir Path folder) throws IOException {
    Path report = folder.resolve("validation.html");
    Cli cli = Cli.run("validate", "--only", "stopping-power", "--json", "-o", report);
    assertEquals(0, cli.code(), cli.out() + cli.err());
    JsonNode json = cli.json();
    assertTrue(json.get("holds").asBoolean());
    assertEquals("stopping-power", json.get("comparisons").get(0).get("id").asText());
    JsonNode check = json.get("comparisons").get(0).get("checks").get(0);
    assertTrue(check.get("source").asText().contains("PSTAR"), check.toString());
    assertTrue(Math.abs(check.get("value").asDouble()) < 3);
    String html = Files.readString(report);
    assertTrue(html.contains("PASSED: all "));
    assertTrue(html.contains("Mean stopping power"));

    Cli again = Cli.run("validate", "--only", "stopping-power", "-o", report);
    assertEquals(2, again.code());
    assertTrue(again.err().contains("--force"), again.err());
    assertEquals(html, Files.readString(report));
  }

  @Test
  void refusesWhatIsNot() {
    Cli cli = Cli.run("validate", "--threads", "-1");
    assertEquals(2, cli.code());
    assertFalse(cli.err().contains("at org.pixelwake"), cli.err());
    Cli part = Cli.run("validate", "--only", "luck");
    assertEquals(2, part.code());
    assertTrue(part.err().contains("there is no part luck"), part.err());
    assertEquals(2, Cli.run("validate", "--only", "strontium").code(), "without frames");
  }

  @Test
  void refusesFramesThatAreNone(@TempDir Path folder) {
    Cli cli = Cli.run("validate", "--only", "strontium", "--sr90", folder);
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("thickness"), cli.err());
    Path none = folder.resolve("0-23-mm.zip");
    Cli missing = Cli.run("validate", "--only", "strontium", "--sr90", none);
    assertEquals(2, missing.code(), missing.err());
    assertTrue(missing.err().contains("0-23-mm.zip"), missing.err());
  }
}
