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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.calibration.TimeWalk;
import org.pixelwake.timepix.sensor.Sensor;

/// What Allpix Squared and Geant4 write.
class ImportTest {
  @TempDir Path temp;

  private static Truth truth(Cluster cluster) {
    return Objects.requireNonNull(cluster.truth());
  }

  private static double sum(Cluster cluster) {
    double sum = 0;
    for (float energy : cluster.energy()) {
      sum += energy;
    }
    return sum;
  }

  private static OpenOptions in(Sensor sensor) {
    return OpenOptions.defaults().withSensor(sensor);
  }

  @Test
  void allpixHitsWithTheirParticle() {
    Fixtures.Read read = Fixtures.read(Fixtures.path("allpix/hits.txt"));
    assertEquals("allpix", read.info().format());
    assertEquals("telescope", read.info().chipId());
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertTrue(read.info().hasToa());
    assertEquals(List.of(2, 1, 1), read.clusters().stream().map(Cluster::size).toList());
    Cluster pair = read.clusters().get(0);
    assertEquals(10_010, pair.time(), 1e-9, "events come every 10 us");
    assertEquals(2.5, pair.toa()[1], 1e-6);
    assertEquals(9987.5 * 3.64e-3, pair.energy()[0], 1e-4);
    Truth proton = truth(pair);
    assertEquals(2212, proton.particle());
    assertEquals(150, proton.energyMeV(), "of its track");
    assertEquals(45, proton.thetaDegrees(), 1e-4);
    assertEquals(0, proton.phiDegrees(), 1e-4);
    assertEquals(577.5, proton.xUm(), 1e-3, "from the edge of column 0, not its middle");
    assertEquals(1127.5, proton.yUm(), 1e-3);
    assertEquals(15000 * 3.64e-3, proton.collectedKeV(), 1e-3);
    assertTrue(Float.isNaN(proton.depositedKeV()));
    assertEquals(1, proton.number());
    assertEquals(proton, truth(read.clusters().get(1)), "of the same event");
    assertNull(read.clusters().get(2).truth());
    assertEquals(40_005, read.clusters().get(2).time(), 1e-9);
    assertEquals(0, read.report().read().skippedTotal());
    List<String> notices = read.report().notices();
    assertTrue(notices.stream().anyMatch(n -> n.contains("not 'dut'")), notices.toString());
    assertTrue(notices.stream().anyMatch(n -> n.contains("electrons")), notices.toString());
  }

  @Test
  void allpixPixelChargeServesWhereThereAreNoHits() throws IOException {
    String text = Files.readString(Fixtures.path("allpix/hits.txt")).replaceAll("PixelHit.*\n", "");
    Fixtures.Read read = Fixtures.read(Fixtures.write(temp, "charge.txt", text));
    assertEquals(1, read.clusters().size());
    Cluster cluster = read.clusters().get(0);
    assertEquals(2, cluster.size());
    assertEquals(15000 * 3.64e-3, sum(cluster), 1e-3);
    assertEquals(1, cluster.frame(), "without times an event is a frame");
    assertEquals(3, read.report().read().frames());
    assertEquals(2212, truth(cluster).particle());
  }

  @Test
  void severalPrimariesAreKnownByTheirKindAtMost() throws IOException {
    String text = Files.readString(Fixtures.path("allpix/hits.txt"));
    String same = text.replace("Linked parent:           0x55d1d0", "Linked parent: <nullptr>");
    Fixtures.Read two = Fixtures.read(Fixtures.write(temp, "two.txt", same));
    assertNull(two.clusters().get(0).truth(), "a proton or an electron");
    String protons = same.replace("(PDG ID):      11", "(PDG ID):    2212");
    Truth known = truth(Fixtures.read(Fixtures.write(temp, "p.txt", protons)).clusters().get(0));
    assertEquals(2212, known.particle());
    assertTrue(Float.isNaN(known.energyMeV()) && Float.isNaN(known.thetaDegrees()));
    assertEquals(Truth.UNKNOWN_NUMBER, known.number());
  }

  @Test
  void allpixDepositsGoThroughASensor() {
    Path file = Fixtures.path("allpix/deposits.txt");
    InputException none = assertThrows(InputException.class, () -> Fixtures.read(file));
    assertTrue(none.getMessage().contains("--sensor"), none.getMessage());
    Fixtures.Read read = Fixtures.read(file, in(Sensor.timepix3()));
    assertEquals("Timepix3", read.info().detector());
    assertEquals(1, read.clusters().size());
    Cluster cluster = read.clusters().get(0);
    double deposited = 15000 * 3.64e-3;
    assertEquals(deposited, truth(cluster).depositedKeV(), 1e-3, "electrons, not holes too");
    assertEquals(deposited, truth(cluster).collectedKeV(), 0.1);
    assertEquals(deposited, sum(cluster), 6);
    assertTrue(Fixtures.pixels(cluster).contains("10,20"), Fixtures.text(cluster));
    assertEquals(13, truth(cluster).particle());
    assertEquals(
        Fixtures.text(cluster),
        Fixtures.text(Fixtures.read(file, in(Sensor.timepix3())).clusters().get(0)));
    Fixtures.Read frames = Fixtures.read(file, in(Sensor.timepix().withCalibrated(false)));
    assertEquals(EnergyUnit.TOT, frames.info().unit());
    assertEquals(1, frames.clusters().get(0).frame());
    PixelMask mask = PixelMask.read(Fixtures.write(temp, "mask.txt", "10 20 1\n"));
    for (Cluster c : Fixtures.read(file, in(Sensor.timepix3()).withMask(mask)).clusters()) {
      assertTrue(!Fixtures.pixels(c).contains("10,20"));
    }
    TimeWalk walk = new TimeWalk("", 1, 1, 1, 1);
    assertThrows(
        InputException.class, () -> Fixtures.read(file, in(Sensor.timepix3()).withTimeWalk(walk)));
  }

  @Test
  void allpixThatIsDamagedIsLocated() throws IOException {
    String text = Files.readString(Fixtures.path("allpix/hits.txt"));
    Path file =
        Fixtures.write(
            temp,
            "bad.txt",
            text.repeat(20).replaceFirst("PixelHit 10, 20, 5012", "PixelHit ten, 20, 5012"));
    var skipped = Fixtures.read(file).report().read().skipped();
    assertEquals(1, skipped.get(0).count(), skipped.toString());
    assertTrue(skipped.get(0).first().endsWith("bad.txt: line 55"), skipped.toString());
    Path empty = Fixtures.write(temp, "none.txt", "# Allpix Squared ASCII data\n\n=== 1 ===\n");
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(empty));
    assertTrue(e.getMessage().contains("PixelHit"), e.getMessage());
  }

  @Test
  void geant4PixelsAreAddedUpAndJoined() {
    Fixtures.Read read = Fixtures.read(Fixtures.path("geant4/pixels_nt_hits_t0.csv"));
    assertEquals("g4csv", read.info().format());
    assertTrue(read.info().hasToa());
    assertEquals(
        List.of(
            "0 @30002.0: (10,20,60.0,0.0) (11,21,25.0,1.5)",
            "0 @30004.0: (200,3,8.0,0.0)",
            "0 @1.0: (0,0,12.0,0.0)"),
        Fixtures.texts(read.clusters()));
    Truth proton = truth(read.clusters().get(0));
    assertEquals(2212, proton.particle());
    assertEquals(20, proton.energyMeV(), 1e-6);
    assertEquals(3, proton.number());
    assertEquals(-11, truth(read.clusters().get(2)).particle());
    assertEquals(0, read.report().read().skippedTotal());
  }

  @Test
  void geant4DepositsWithTheirOwnUnits() {
    Path file = Fixtures.path("geant4/deposits_nt_steps.csv");
    assertThrows(InputException.class, () -> Fixtures.read(file));
    Fixtures.Read read = Fixtures.read(file, in(Sensor.timepix3()));
    Cluster first = read.clusters().get(0);
    assertEquals(90.5, truth(first).depositedKeV(), 1e-3);
    assertEquals(90.5, sum(first), 10);
    assertTrue(Fixtures.pixels(first).contains("127,128"), Fixtures.text(first));
    assertEquals(13, truth(first).particle());
    assertEquals(7040 - 27.5, truth(first).xUm(), 1e-2);
    Cluster second = read.clusters().get(1);
    assertTrue(Fixtures.pixels(second).contains("146,109"), Fixtures.text(second));
    assertEquals(22, truth(second).particle());
    assertEquals(7, truth(second).number());
  }

  @Test
  void depositsBesideTheSensorAreRefused() throws IOException {
    String text = Files.readString(Fixtures.path("geant4/deposits_nt_steps.csv"));
    Path file =
        Fixtures.write(
            temp,
            "off.csv",
            text.replace(";27.5;-100;", ";27.5;900;").replace(";27.5;0;", ";27.5;1000;"));
    InputException e =
        assertThrows(InputException.class, () -> Fixtures.read(file, in(Sensor.timepix3())));
    assertTrue(e.getMessage().contains("outside the sensor of 300"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "int fEvent, int run, of the event",
    "double fEdep, double what, of the energy",
    "int pixelX, int strip, pixelX and pixelY"
  })
  void missingColumnsAreNamed(String there, String instead, String problem) throws IOException {
    String text = Files.readString(Fixtures.path("geant4/pixels_nt_hits_t0.csv"));
    Path file = Fixtures.write(temp, "m.csv", text.replace(there, instead));
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
    assertTrue(e.getMessage().contains(instead.split(" ")[1]), "names the columns there are");
  }

  @Test
  void geant4RowsThatAreNone() throws IOException {
    String text = Files.readString(Fixtures.path("geant4/pixels_nt_hits_t0.csv"));
    String rows = text.substring(text.indexOf("3,1,0")).repeat(20);
    Path file =
        Fixtures.write(
            temp,
            "r.csv",
            text
                + rows
                + "5,1,0,11,1,300.5,2,1,1\n5,1,0,11,1,3,2,x,1\n5,1,0,11,1,3,2\n5,1,0,11,1,3,2,1,nan\n");
    var skipped = Fixtures.read(file).report().read().skipped();
    assertEquals(3, skipped.size(), skipped.toString());
    assertEquals(2, skipped.get(1).count());
  }
}
