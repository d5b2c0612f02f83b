package org.pixelwake.timepix.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.Fixtures;
import org.pixelwake.timepix.io.OpenOptions;

/// Calibration by hand-made and by measured matrices.
class CalibrationTest {
  @TempDir Path temp;

  private static double[] all(double value) {
    double[] m = new double[65536];
    Arrays.fill(m, value);
    return m;
  }

  private static String matrix(double value, int x, int y, double there) {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < 256; row++) {
      for (int column = 0; column < 256; column++) {
        text.append(' ').append(row == y && column == x ? there : value);
      }
      text.append('\n');
    }
    return text.toString();
  }

  private Path folder(String a) {
    Fixtures.write(temp, "cal/a.txt", a);
    Fixtures.write(temp, "cal/b.txt", matrix(3.5, 0, 0, 3.5));
    Fixtures.write(temp, "cal/c.txt", matrix(2, 0, 0, 2));
    Fixtures.write(temp, "cal/t.txt", matrix(2.5, 0, 0, 2.5));
    return temp.resolve("cal");
  }

  @Test
  void energyOfToTUndoesToTOfEnergy() {
    EnergyCalibration c =
        new EnergyCalibration("", 256, 256, all(0.8), all(3.5), all(2.0), all(2.5));
    for (double energy : new double[] {2.6, 3, 5, 10, 60, 600}) {
      double tot = 0.8 * energy + 3.5 - 2.0 / (energy - 2.5);
      assertEquals(tot, c.tot(7, 9, energy), 1e-9);
      assertEquals(energy, c.energy(7, 9, tot), 1e-5 * energy);
    }
    assertTrue(Double.isNaN(c.tot(7, 9, 2.5)));
    assertTrue(c.energy(0, 0, 0) > 2.5, "the greater root is above t");
  }

  @Test
  void outliersAreCountedAndSurvived() {
    double[] a = all(0.8);
    double[] c = all(2);
    double[] t = all(2.5);
    a[0] = -26;
    a[1] = 0;
    a[2] = Double.NaN;
    c[3] = 2e5;
    t[4] = -1.6e5;
    EnergyCalibration calibration = new EnergyCalibration("", 256, 256, a, all(3.5), c, t);
    assertEquals(3, calibration.unusablePixels());
    for (int x = 0; x < 3; x++) {
      assertEquals(EnergyCalibration.INVALID_KEV, calibration.energy(x, 0, 50));
      assertTrue(Double.isNaN(calibration.energyOrNan(x, 0, 50)));
    }
    assertEquals(calibration.tot(3, 0, calibration.energy(3, 0, 50)), 50, 1e-2);
    assertEquals(58.1, calibration.energy(4, 0, 50), 0.1);
  }

  @Test
  void transposedMatricesAreAnOption() {
    Path path = folder(matrix(0.8, 30, 5, 1.6));
    EnergyCalibration plain = EnergyCalibration.read(path, false);
    EnergyCalibration turned = EnergyCalibration.read(path, true);
    assertEquals(plain.tot(30, 5, 10), turned.tot(5, 30, 10));
    assertEquals(8, plain.tot(30, 5, 10) - plain.tot(5, 30, 10), 1e-9);
    assertEquals(8, turned.tot(5, 30, 10) - turned.tot(30, 5, 10), 1e-9);
  }

  @Test
  void aLineTooManyIsPassedAndOthersAreErrors() {
    String row = " 0.5".repeat(256) + "\n";
    assertEquals(
        0.8 * 10 + 3.5 - 2 / 7.5,
        EnergyCalibration.read(folder(matrix(0.8, 0, 0, 0.8) + row), false).tot(0, 0, 10),
        1e-9);
    InputException e =
        assertThrows(
            InputException.class,
            () -> EnergyCalibration.read(folder(matrix(0.8, 0, 0, 0.8) + row + row), false));
    assertTrue(e.getMessage().contains("258 rows"), e.getMessage());
    e = assertThrows(InputException.class, () -> EnergyCalibration.read(folder("1 2 3\n"), false));
    assertTrue(e.getMessage().contains("line 1"), e.getMessage());
    e =
        assertThrows(
            InputException.class,
            () -> EnergyCalibration.read(folder(matrix(0.8, 0, 0, 1).replace("1.0", "x1")), false));
    assertTrue(e.getMessage().contains("'x1'"), e.getMessage());
  }

  @Test
  void failedFitsAsProgramsWriteThem() {
    String text = matrix(0.8, 1, 0, 7.25).replace("7.25", "-nan(ind)");
    EnergyCalibration c = EnergyCalibration.read(folder(text), false);
    assertEquals(1, c.unusablePixels());
    assertEquals(EnergyCalibration.INVALID_KEV, c.energy(1, 0, 20));
  }

  @Test
  void missingMatricesAndPathsAreErrors() {
    Fixtures.write(temp, "few/a.txt", matrix(1, 0, 0, 1));
    InputException e =
        assertThrows(
            InputException.class, () -> EnergyCalibration.read(temp.resolve("few"), false));
    assertTrue(e.getMessage().contains("'b'"), e.getMessage());
    assertThrows(InputException.class, () -> EnergyCalibration.read(temp.resolve("none"), false));
    Path noZip = Fixtures.write(temp, "no.zip", "nothing");
    assertThrows(InputException.class, () -> EnergyCalibration.read(noZip, false));
  }

  @Test
  void sourcesGiveKeVAndCountUnusablePixels() {
    EnergyCalibration calibration = EnergyCalibration.read(folder(matrix(0.8, 2, 0, -1)), false);
    Path file = Fixtures.write(temp, "a.txt", "1\t0\t50\n2\t0\t50\n");
    var read = Fixtures.read(file, OpenOptions.defaults().withCalibration(calibration));
    assertEquals(EnergyUnit.KEV, read.info().unit());
    assertEquals(1, read.report().read().invalidEnergies());
    assertEquals(calibration.energy(1, 0, 50), read.clusters().get(0).energy()[0]);
    assertEquals(EnergyCalibration.INVALID_KEV, read.clusters().get(0).energy()[1]);
    InputException e =
        assertThrows(
            InputException.class,
            () ->
                Fixtures.read(
                    Fixtures.path("mm/a.ini"),
                    OpenOptions.defaults().withCalibration(calibration)));
    assertTrue(e.getMessage().contains("keV already"), e.getMessage());
  }

  /// Matrices in a zip, as they are passed on: `A.txt` to `T.txt` of a Timepix beside each other,
  /// `a.txt` to `t.txt` of a Timepix3 in a folder of the chip, with its time walk.
  @ParameterizedTest
  @CsvSource({
    "made, made",
    "shared/odz-calibration-H08-W0276-abct.zip, shared/timepix3-calibration-J4-W00036.zip"
  })
  void matricesInZips(String ofTimepix, String ofTimepix3) {
    boolean made = ofTimepix.equals("made");
    EnergyCalibration timepix =
        EnergyCalibration.read(made ? madeTimepix() : Fixtures.file(ofTimepix), false);
    assertEquals(256, timepix.width());
    // First numbers of the four files.
    double e = timepix.energyOrNan(0, 0, 100);
    assertEquals(100, timepix.tot(0, 0, e), 1e-6);
    EnergyCalibration timepix3 =
        EnergyCalibration.read(made ? madeTimepix3() : Fixtures.file(ofTimepix3), false);
    int above = 0;
    for (int i = 0; i < 65536; i++) {
      double energy = timepix3.energyOrNan(i % 256, i / 256, 50);
      above += energy > 40 && energy < 70 ? 1 : 0;
    }
    assertTrue(above > 64000, above + " pixels of a plausible energy");
    if (made) {
      // 1.6 E + 3.5 - 2 / (E - 2.5) is 50 at E = 29.11; the other pixels have 58.17.
      assertEquals(29.11, timepix3.energyOrNan(30, 5, 50), 0.01);
      assertEquals(58.17, timepix3.energyOrNan(5, 30, 50), 0.01);
      assertEquals(65535, above);
    }
  }

  private Path madeTimepix() {
    Fixtures.write(temp, "timepix/A.txt", matrix(0.8, 0, 0, 1.1));
    Fixtures.write(temp, "timepix/B.txt", matrix(3.5, 0, 0, 20));
    Fixtures.write(temp, "timepix/C.txt", matrix(2, 0, 0, 150));
    Fixtures.write(temp, "timepix/T.txt", matrix(2.5, 0, 0, -1.5));
    return Fixtures.zip(temp.resolve("timepix"), temp.resolve("timepix.zip"));
  }

  private Path madeTimepix3() {
    String chip = "timepix3/CALIBRATION/chip/";
    Fixtures.write(temp, chip + "a.txt", matrix(0.8, 30, 5, 1.6));
    Fixtures.write(temp, chip + "b.txt", matrix(3.5, 0, 0, 3.5));
    Fixtures.write(temp, chip + "c.txt", matrix(2, 0, 0, 2));
    Fixtures.write(temp, chip + "t.txt", matrix(2.5, 0, 0, 2.5));
    Fixtures.write(temp, chip + "timewalk_parameters.txt", "a=20\nb=1.5\nc=1.1\nd=-0.5\n");
    return Fixtures.zip(temp.resolve("timepix3"), temp.resolve("timepix3.zip"));
  }

  @Test
  void masks() {
    PixelMask mask = PixelMask.read(Fixtures.write(temp, "m.txt", "# noisy\n3 4\n5,6,1\n7 8 0\n"));
    assertEquals(2, mask.count());
    assertTrue(mask.masked(3, 4) && mask.masked(5, 6) && !mask.masked(7, 8));
    Path bad = Fixtures.write(temp, "bad.txt", "3 4\nfive\n");
    InputException e = assertThrows(InputException.class, () -> PixelMask.read(bad));
    assertTrue(e.getMessage().contains("line 2"), e.getMessage());
  }
}
