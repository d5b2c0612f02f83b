package org.pixelwake.timepix.calibration;

import java.nio.file.Path;
import java.util.stream.IntStream;

/// Per-pixel energy calibration of a chip: `ToT = a E + b - c / (E - t)`, E in keV.
///
/// The energy of a ToT is the greater root of `a E^2 + (b - a t - ToT) E + (ToT t - b t - c) = 0`.
/// A pixel is unusable for a ToT where a is not positive, a coefficient is no finite number, or the
/// root is not real or not above 0: such hits are kept, with [#INVALID_KEV], and counted. Fits that
/// went far off in single pixels (a of -26, c of 200,000) thus do no harm to their neighbours.
///
/// The arrays belong to the calibration and are not to be changed.
///
/// @param name where it is from
/// @param width pixels in a row
/// @param height pixels in a column
/// @param a coefficients of the pixels, element `y * width + x`, as the others
/// @param b coefficients
/// @param c coefficients
/// @param t coefficients
public record EnergyCalibration(
    String name, int width, int height, double[] a, double[] b, double[] c, double[] t) {
  /// Energy of a hit whose pixel cannot be calibrated, in keV: small enough to weigh nothing, not 0
  /// so that the hit stays one.
  public static final float INVALID_KEV = 0.1f;

  public EnergyCalibration {
    int n = width * height;
    if (a.length != n || b.length != n || c.length != n || t.length != n) {
      throw new IllegalArgumentException("coefficients are not " + width + " x " + height);
    }
  }

  /// Reads the four matrices from a folder or a zip: `a.txt`, `b.txt`, `c.txt`, `t.txt`, in
  /// capitals or not, or four names that end in these letters. A row of the file is a row of the
  /// sensor, from row 0; 256 x 256, or 512 x 512 for a quad.
  ///
  /// @param transposed whether a row of the file is a column of the sensor, as some programs write
  ///   it
  /// @throws InputException where a matrix is missing or not of that size
  public static EnergyCalibration read(Path path, boolean transposed) {
    return CalibrationReader.read(path, transposed);
  }

  /// Pixels that no ToT can be calibrated of.
  public int unusablePixels() {
    return (int)
        IntStream.range(0, a.length)
            .filter(i -> !(a[i] > 0) || !Double.isFinite(a[i] + b[i] + c[i] + t[i]))
            .count();
  }

  /// Energy in keV of a ToT in ticks; NaN where the pixel is unusable for it.
  public double energyOrNan(int x, int y, double tot) {
    int i = y * width + x;
    double ai = a[i];
    double p = b[i] - ai * t[i] - tot;
    double q = tot * t[i] - b[i] * t[i] - c[i];
    double discriminant = p * p - 4 * ai * q;
    if (!(ai > 0) || !(discriminant >= 0) || discriminant == Double.POSITIVE_INFINITY) {
      return Double.NaN;
    }
    double root = Math.sqrt(discriminant);
    // The form without the difference of two near numbers.
    double energy = p > 0 ? -2 * q / (p + root) : (root - p) / (2 * ai);
    return energy > 0 && energy < Double.POSITIVE_INFINITY ? energy : Double.NaN;
  }

  /// Energy in keV of a ToT in ticks; [#INVALID_KEV] where the pixel is unusable for it.
  public float energy(int x, int y, double tot) {
    double energy = energyOrNan(x, y, tot);
    return Double.isNaN(energy) ? INVALID_KEV : (float) energy;
  }

  /// ToT in ticks of an energy in keV, as a real number; NaN at or below t, where the chip has no
  /// answer.
  public double tot(int x, int y, double energy) {
    int i = y * width + x;
    return energy > t[i] ? a[i] * energy + b[i] - c[i] / (energy - t[i]) : Double.NaN;
  }
}
