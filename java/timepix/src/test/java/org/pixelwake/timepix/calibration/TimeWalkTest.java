package org.pixelwake.timepix.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBuffer;
import org.pixelwake.timepix.io.HitSources;
import org.pixelwake.timepix.io.OpenOptions;

/// Time walk, and what it does to times and clusters.
class TimeWalkTest {
  @TempDir Path temp;

  private static EnergyCalibration flat() {
    int n = 256 * 256;
    double[] one = new double[n];
    Arrays.fill(one, 1);
    double[] zero = new double[n];
    // ToT = E: pixel 3, 0 cannot be calibrated.
    double[] a = one.clone();
    a[3] = Double.NaN;
    return new EnergyCalibration("flat", 256, 256, a, zero, zero, zero);
  }

  @Test
  void bothWaysOfWriting() {
    TimeWalk named =
        TimeWalk.read(
            Fixtures.write(temp, "n.txt", "a=25.84626\nb=1.38919\n c = 1.1347\nd=-0.22025\n"));
    TimeWalk ordered =
        TimeWalk.read(Fixtures.write(temp, "o.txt", "25.84626\t1.38919\t1.1347\t-0.22025\n"));
    assertEquals(named.delayNs(10), ordered.delayNs(10));
    assertEquals(25.84626 / Math.pow(8.61081, 1.1347) - 0.22025, named.delayNs(10), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a=1\nb=2\nc=3\n",
        "a=1\nb=2\nc=3\nd=4\na=5\n",
        "a=1\nb=2\nc=0\nd=4\n",
        "a=1\nb=x\nc=1\nd=4\n",
        "1 2 3",
        "1 2 3 4 5",
        "1 2 3 nan",
        "e=1\na=1\nb=2\nc=3\nd=4\n"
      })
  void filesThatAreNone(String text) {
    Path file = Fixtures.write(temp, "x.txt", text);
    InputException e = assertThrows(InputException.class, () -> TimeWalk.read(file));
    assertTrue(e.getMessage().contains("x.txt"), e.getMessage());
    assertThrows(InputException.class, () -> TimeWalk.read(temp.resolve("absent.txt")));
  }

  /// Delays of a Timepix3 in a beam of antiprotons: mean of raw less corrected times of arrival by
  /// energy of the pixel, which a published correction of these data tells.
  @ParameterizedTest
  @CsvSource({
    "3.17, 35.5",
    "3.36, 31.4",
    "3.86, 24.8",
    "6.5, 13.6",
    "11.7, 9.7",
    "19.8, 8.2",
    "37.6, 7.2",
    "78.6, 6.7",
    "160, 6.4"
  })
  void measuredDelays(double keV, double ns) {
    TimeWalk fit = new TimeWalk("fit", 34.8, 1.75, 1, 6.3);
    assertEquals(ns, fit.delayNs(keV), (keV < 6 ? 0.15 : 0.03) * ns);
  }

  @Test
  void theFormulaIsBoundedTowardsB() {
    TimeWalk walk = new TimeWalk("", 20, 2, 1, 1);
    assertEquals(41, walk.delayNs(2.5), 1e-12);
    for (double keV : new double[] {2.4, 2, 1, 0}) {
      assertEquals(41, walk.delayNs(keV), 1e-12);
    }
    assertEquals(959, walk.correctedNs(1000, 1.5f), 1e-9);
    assertEquals(1000, walk.correctedNs(1000, EnergyCalibration.INVALID_KEV), "an unknown energy");
  }

  /// Two neighbours of 4 and 40 keV that were hit together, the small one 300 ns late by the walk.
  @Test
  void timesAreCorrectedBeforeClustering() {
    TimeWalk walk = new TimeWalk("", 600, 2, 1, 0);
    Path file =
        Fixtures.write(
            temp,
            "w.t3pa",
            """
            Index\tMatrix Index\tToA\tToT\tFToA\tOverflow
            0\t257\t40\t40\t0\t0
            1\t258\t52\t4\t0\t0
            2\t3\t80\t9\t0\t0
            """);
    OpenOptions open = OpenOptions.defaults().withCalibration(flat());
    assertEquals(3, Fixtures.read(file, open).clusters().size());
    Fixtures.Read read = Fixtures.read(file, open.withTimeWalk(walk));
    assertEquals(2, read.clusters().size());
    Cluster pair = read.clusters().get(0);
    assertEquals(2, pair.size());
    assertEquals(1000 - 600.0 / 38, pair.time() + pair.toa()[pair.x()[0] == 1 ? 0 : 1], 1e-3);
    assertEquals(1300 - 300, pair.time() + pair.toa()[pair.x()[0] == 1 ? 1 : 0], 1e-3);
    assertEquals(2000, read.clusters().get(1).time(), "not calibrated, not corrected");
    assertEquals("", Objects.requireNonNull(read.info().metadata().get("Time walk")));
  }

  @Test
  void readyClustersAreCorrectedHitByHit() {
    TimeWalk walk = new TimeWalk("", 10, 1, 1, 0.5);
    Fixtures.Read plain = Fixtures.read(Fixtures.path("mm/a.ini"));
    Fixtures.Read read =
        Fixtures.read(Fixtures.path("mm/a.ini"), OpenOptions.defaults().withTimeWalk(walk));
    assertEquals(plain.clusters().size(), read.clusters().size());
    Cluster single = read.clusters().get(1);
    assertEquals(20000 - walk.delayNs(3.5), single.time(), 1e-9);
  }

  @Test
  void whatCannotBeCorrectedIsRefused() {
    OpenOptions open = OpenOptions.defaults().withTimeWalk(new TimeWalk("", 10, 1, 1, 0));
    InputException tot =
        assertThrows(
            InputException.class, () -> Fixtures.read(Fixtures.path("t3pa/tabs.t3pa"), open));
    assertTrue(tot.getMessage().contains("calibration"), tot.getMessage());
    InputException frames =
        assertThrows(
            InputException.class,
            () -> Fixtures.read(Fixtures.path("xyc"), open.withCalibration(flat())));
    assertTrue(frames.getMessage().contains("no times"), frames.getMessage());
  }

  /// A measured chip's parameters on measured hits (of another chip): each hit comes earlier by the
  /// delay at its energy.
  @Test
  void measuredParametersOnMeasuredHits() throws IOException {
    Path zip = Fixtures.shared("timepix3-calibration-J4-W00036.zip");
    Path file = Fixtures.shared("advacam-tot-toa.t3pa");
    Path folder = Files.createDirectories(temp.resolve("J4"));
    try (ZipFile in = new ZipFile(zip.toFile())) {
      for (String name : List.of("a.txt", "b.txt", "c.txt", "t.txt", "timewalk_parameters.txt")) {
        var entry = Objects.requireNonNull(in.getEntry("CALIBRATION/J4-W00036/" + name));
        try (InputStream content = in.getInputStream(entry)) {
          Files.copy(content, folder.resolve(name));
        }
      }
    }
    TimeWalk walk = TimeWalk.read(folder.resolve("timewalk_parameters.txt"));
    assertEquals(25.84626, walk.a());
    assertEquals(-0.22025, walk.d());
    assertTrue(walk.delayNs(3) > 14 && walk.delayNs(3) < 16, "at the threshold");
    List<Double> energies = assertEarlierByTheDelay(file, folder, walk);
    assertEquals(1491, energies.size());
  }

  /// The same with hits and matrices that are made up: ToT = E - 3 in every pixel.
  @Test
  void parametersOfAFolderOnHits() {
    Path file = Fixtures.path("t3pa/peer.t3pa");
    Path folder = temp.resolve("made");
    for (String matrix : List.of("a 1", "b -3", "c 0", "t 0")) {
      String row = (" " + matrix.substring(2)).repeat(256) + "\n";
      Fixtures.write(folder, matrix.charAt(0) + ".txt", row.repeat(256));
    }
    Path parameters =
        Fixtures.write(
            folder, "timewalk_parameters.txt", "a=25.84626\nb=1.38919\nc=1.1347\nd=-0.22025\n");
    List<Double> energies = assertEarlierByTheDelay(file, folder, TimeWalk.read(parameters));
    assertEquals(27, energies.size());
    // ToT of 46 in the first hit, and of 1 in the least.
    assertEquals(49, energies.getFirst(), 1e-4);
    assertEquals(4, energies.stream().mapToDouble(Double::doubleValue).min().orElse(0), 1e-4);
  }

  /// Returns the energies of the hits.
  private static List<Double> assertEarlierByTheDelay(Path file, Path matrices, TimeWalk walk) {
    OpenOptions open =
        OpenOptions.defaults().withCalibration(EnergyCalibration.read(matrices, false));
    List<double[]> raw = hits(file, open);
    List<double[]> corrected = hits(file, open.withTimeWalk(walk));
    for (int i = 0; i < raw.size(); i++) {
      double energy = raw.get(i)[1];
      assertEquals(energy, corrected.get(i)[1]);
      double delay = 25.84626 / Math.pow(energy - 1.38919, 1.1347) - 0.22025;
      assertTrue(energy > 1.9, "above b by more than half a keV");
      assertEquals(delay, raw.get(i)[0] - corrected.get(i)[0], 1e-5);
    }
    return raw.stream().map(hit -> hit[1]).toList();
  }

  private static List<double[]> hits(Path file, OpenOptions open) {
    List<double[]> hits = new ArrayList<>();
    try (EventSource source = (EventSource) HitSources.open(file, open)) {
      HitBuffer batch = new HitBuffer(100);
      while (source.next(batch)) {
        for (int i = 0; i < batch.size; i++) {
          hits.add(new double[] {batch.toa[i], batch.energy[i]});
        }
      }
    }
    return hits;
  }
}
