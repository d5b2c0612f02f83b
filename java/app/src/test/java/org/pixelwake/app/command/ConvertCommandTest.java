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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.app.Cli;

final class ConvertCommandTest {
  private static final Path T3PA = Cli.fixture("t3pa/tabs.t3pa");

  @TempDir Path folder;

  private static void holds(Path file, long hits, long clusters) throws IOException {
    JsonNode node = Cli.run("info", "--json", file).json();
    assertEquals(hits, node.path("hits").asLong(), file.toString());
    assertEquals(clusters, node.path("clusters").asLong(), file.toString());
  }

  private static void succeeds(Cli cli) {
    assertEquals(0, cli.code(), cli.err());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"out.clog,out.clog", "out.ini,out.ini", "out.t3pa,out.t3pa", "o.parquet,o.parquet"})
  void nameTellsTheFormat(String name, String reads) throws IOException {
    succeeds(Cli.run("convert", T3PA, "-o", folder.resolve(name)));
    holds(folder.resolve(reads), 4, 4);
  }

  @Test
  void framesGoToXycAndMm() throws IOException {
    Path frames = Cli.fixture("xyc");
    JsonNode before = Cli.run("info", "--json", frames).json();
    succeeds(Cli.run("convert", frames, "-o", folder.resolve("frames"), "--to", "xyc"));
    holds(folder.resolve("frames"), before.path("hits").asLong(), before.path("clusters").asLong());
    succeeds(Cli.run("convert", frames, "-o", folder.resolve("x"), "--to", "mm"));
    assertEquals(List.of("frames", "x.ini", "x_cl.txt", "x_px.txt"), names());
    holds(folder.resolve("x.ini"), before.path("hits").asLong(), before.path("clusters").asLong());
    assertEquals(2, Cli.run("convert", T3PA, "-o", folder.resolve("y"), "--to", "xyc").code());
  }

  @Test
  void replacesOnlyWhenForced() throws IOException {
    Path out = Files.writeString(folder.resolve("out.clog"), "precious");
    Cli refused = Cli.run("convert", T3PA, "-o", out);
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("exists") && refused.err().contains("--force"));
    assertEquals("precious", Files.readString(out));
    Files.writeString(folder.resolve("m_px.txt"), "precious");
    assertEquals(2, Cli.run("convert", T3PA, "-o", folder.resolve("m"), "--to", "mm").code());
    succeeds(Cli.run("convert", T3PA, "-o", out, "--force"));
    holds(out, 4, 4);
  }

  @Test
  void neverWritesOverAnInput() throws IOException {
    Path copy = Files.copy(T3PA, folder.resolve("in.t3pa"));
    Cli cli = Cli.run("convert", copy, "-o", copy, "--force");
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("is an input itself"), cli.err());
    assertArrayEquals(Files.readAllBytes(T3PA), Files.readAllBytes(copy));
  }

  @Test
  void severalInputsGoToAFolder() throws IOException {
    Path other = Cli.fixture("clog/timepix3.clog");
    Path to = folder.resolve("new/outs");
    succeeds(Cli.run("cluster", T3PA, other, "-o", to));
    holds(to.resolve("tabs.ini"), 4, 4);
    holds(to.resolve("timepix3.ini"), 3, 2);
    Cli twice = Cli.run("cluster", T3PA, T3PA, "-o", folder.resolve("twice"));
    assertEquals(2, twice.code());
    assertTrue(twice.err().contains("would be written to"), twice.err());
  }

  @Test
  void leavesNothingBehindWhereTheInputIsBroken() throws IOException {
    Path broken = Files.createFile(folder.resolve("broken.t3pa"));
    Files.writeString(
        broken,
        "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n0\t257\t100\t9\t0\t0\n"
            + "a\tb\tc\td\te\tf\n".repeat(100));
    for (String target : new String[] {"out.clog", "out.ini", "out.parquet"}) {
      assertEquals(2, Cli.run("cluster", broken, "-o", folder.resolve(target)).code());
      assertEquals(List.of("broken.t3pa"), names());
    }
  }

  @Test
  void labelledClustersKeepTheirParticles() throws IOException {
    Path sim = folder.resolve("again_sim.txt");
    succeeds(Cli.run("convert", Cli.fixture("sim/made_sim.txt"), "-o", sim));
    assertEquals(
        Files.readString(Cli.fixture("sim/made_sim.txt")), Files.readString(sim), "by its name");
    succeeds(Cli.run("convert", Cli.fixture("allpix/hits.txt"), "-o", folder.resolve("a.parquet")));
    JsonNode set = Cli.run("info", "--json", folder.resolve("a.parquet")).json();
    assertEquals(3, set.path("clusters").asLong());
    assertTrue(set.path("has_truth").asBoolean());
  }

  @Test
  void depositsNeedASensor() throws IOException {
    Path deposits = Cli.fixture("geant4/deposits_nt_steps.csv");
    Cli refused = Cli.run("convert", deposits, "-o", folder.resolve("d_sim.txt"));
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("--sensor"), refused.err());
    Path out = folder.resolve("d_sim.txt");
    succeeds(Cli.run("convert", deposits, "-o", out, "--sensor", "timepix3"));
    assertEquals(2, Files.readString(out).lines().filter(l -> l.startsWith("Part")).count());
    succeeds(Cli.run("convert", deposits, "-o", out, "--sensor", "sr90", "--force"));
    assertEquals(2, Cli.run("info", deposits, "--sensor", folder.resolve("no.yaml")).code());
  }

  @Test
  void timeWalkOfEnergies() throws IOException {
    Path walk = Files.writeString(folder.resolve("walk.txt"), "a=10\nb=1\nc=1\nd=0\n");
    Path in = Cli.fixture("sim/made_sim.txt");
    Path out = folder.resolve("w_sim.txt");
    succeeds(Cli.run("convert", in, "-o", out, "--time-walk", walk));
    assertTrue(Files.readString(out).contains("3 4 2597.500000 5.000000"), "10 / (5 - 1) ns");
    Cli tot = Cli.run("convert", T3PA, "-o", folder.resolve("t.clog"), "--time-walk", walk);
    assertEquals(2, tot.code());
    assertTrue(tot.err().contains("calibration"), tot.err());
  }
}
