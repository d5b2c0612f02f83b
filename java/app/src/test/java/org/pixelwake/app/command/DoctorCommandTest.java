package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.pixelwake.app.Cli;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.run.machine.Machine;

final class DoctorCommandTest {
  @Test
  void saysOfEveryBackendWhetherItWorksOrWhyNot() throws IOException {
    boolean works = Backend.probe("cpu").usable();
    Cli cli = Cli.run("doctor", "--json");
    assertEquals(works ? 0 : 1, cli.code(), cli.err());
    JsonNode node = cli.json();
    assertEquals(Runtime.version().toString(), node.path("java").path("version").asText());
    assertEquals(Backend.ABI_VERSION, node.path("interface_version").asInt());
    assertEquals(Backend.names().size(), node.path("backends").size());
    for (JsonNode backend : node.path("backends")) {
      boolean usable = Backend.probe(backend.path("name").asText()).usable();
      assertEquals(usable, backend.path("usable").asBoolean());
      assertEquals(usable, backend.path("threads").asInt() > 0);
      assertFalse(backend.path("detail").asText().isEmpty());
    }
    assertEquals(LibrarySearch.Library.values().length, node.path("libraries").size());
    for (JsonNode library : node.path("libraries")) {
      boolean found = library.path("found").asBoolean();
      assertEquals(found, !library.path("file").asText().isEmpty());
      assertEquals(found, library.path("version").asInt() > 0);
      assertEquals(found, library.path("remedy").asText().isEmpty());
      assertTrue(found || !library.path("misses").isEmpty(), "says where it looked");
    }
    assertFalse(node.path("disk").path("here").asText().isEmpty());
  }

  @Test
  void textNamesBackendsAndVerdict() {
    Cli cli = Cli.run("doctor");
    assertTrue(cli.out().contains("  cuda: "), cli.out());
    assertTrue(cli.out().contains("  cpu: "), cli.out());
    for (LibrarySearch.Library library : LibrarySearch.Library.values()) {
      assertTrue(cli.out().contains("  " + library.label() + ": "), cli.out());
    }
    assertTrue(
        cli.out().contains(cli.code() == 0 ? "works on this machine" : "cannot compute"),
        cli.out());
  }

  @Test
  void namesOnlyInstructionSetsThatMatter() {
    assertEquals("avx avx2 fma", Machine.instructionSets("fpu avx fma avx2 avx"));
    assertEquals("not told", Machine.instructionSets(""));
  }
}
