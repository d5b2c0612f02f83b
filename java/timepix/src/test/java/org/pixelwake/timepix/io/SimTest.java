package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.clustering.ClusterOptions;

/// Labelled clusters as text.
class SimTest {
  private static final Path FIXTURE = Fixtures.path("sim/made_sim.txt");

  @TempDir Path temp;

  private static Truth truth(Fixtures.Read read, int cluster) {
    return Objects.requireNonNull(read.clusters().get(cluster).truth());
  }

  @Test
  void clustersWithTheirParticles() {
    Fixtures.Read read = Fixtures.read(FIXTURE);
    assertEquals("sim", read.info().format());
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertTrue(read.info().hasToa());
    assertEquals(
        List.of(
            "0 @1000.0: (10,20,35.25,0.0) (11,20,80.5,1.5625) (11,21,7.0,3.125)",
            "0 @2500.0: (255,0,12.125,0.0)",
            "0 @2600.0: (3,4,5.0,0.0)"),
        Fixtures.texts(read.clusters()));
    Truth proton = truth(read, 0);
    assertEquals(2212, proton.particle());
    assertEquals(12.5f, proton.energyMeV());
    assertEquals(45, proton.thetaDegrees(), 1e-4);
    assertEquals(-90, proton.phiDegrees(), 1e-4);
    assertTrue(Float.isNaN(proton.depositedKeV()) && Float.isNaN(proton.xUm()));
    assertEquals(-11, truth(read, 1).particle(), "a positron, not unknown");
    assertEquals(0, truth(read, 1).thetaDegrees());
    assertNull(read.clusters().get(2).truth());
    assertEquals(0, read.report().read().skippedTotal());
  }

  @Test
  void writtenAsItWasRead() throws IOException {
    Path output = temp.resolve("again_sim.txt");
    Writers.Written written =
        Writers.convert(FIXTURE, ClusterOptions.defaults(), Format.SIM, output, Progress.NONE);
    assertEquals(3, written.clusters());
    assertEquals(5, written.hits());
    assertEquals(Files.readString(FIXTURE), Files.readString(output));
    assertThrows(
        InputException.class,
        () ->
            Writers.convert(
                Fixtures.path("clog/timepix.clog"),
                ClusterOptions.defaults(),
                Format.SIM,
                temp.resolve("tot_sim.txt"),
                Progress.NONE),
        "ToT is no energy");
    try (var files = Files.list(temp)) {
      assertEquals(List.of(output), files.toList());
    }
  }

  @Test
  void whatIsWrongIsLocated() throws IOException {
    String sound = Files.readString(FIXTURE).repeat(20);
    String wrong =
        """
        ParticleType=11,Size=2,Energy=1,Theta=0,Phi=0
        1 1 5 5
        ParticleType=11,Size=1,Energy=x,Theta=0,Phi=0
        2 2 5 5
        ParticleType=11,Size=3,Energy=1,Theta=0,Phi=0
        3 3 5 5
        700 3 5 5
        3 4 nan 5
        """;
    Fixtures.Read read = Fixtures.read(Fixtures.write(temp, "w_sim.txt", sound + wrong));
    assertEquals(512, read.info().width(), "a pixel beyond 256");
    assertEquals(List.of(1, 1), sizes(read, 60));
    List<String> found =
        read.report().read().skipped().stream()
            .map(s -> s.first().replaceAll(".*: ", "") + ": " + s.reason())
            .toList();
    assertEquals(
        List.of(
            "line 161: cluster whose hits are not as many as its header says",
            "line 163: header that is not ParticleType, Size, Energy, Theta, Phi",
            "line 164: hit without the header of its cluster",
            "line 167: pixel outside the 512 x 512 sensor",
            "line 168: hit without a time or an energy"),
        found);
  }

  private static List<Integer> sizes(Fixtures.Read read, int from) {
    return read.clusters().stream().skip(from).map(Cluster::size).toList();
  }

  @Test
  void equalTimesAreNone() {
    Path file =
        Fixtures.write(
            temp, "t_sim.txt", "ParticleType=11,Size=2,Energy=1,Theta=0,Phi=0\n1 1 0 5\n1 2 0 5\n");
    assertEquals("unknown", Fixtures.read(file).info().detector());
    assertTrue(!Fixtures.read(file).info().hasToa());
  }
}
