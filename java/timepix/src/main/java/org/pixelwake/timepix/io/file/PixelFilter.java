package org.pixelwake.timepix.io.file;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.calibration.TimeWalk;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.OpenOptions;

/// Leaves out hits of masked pixels, calibrates the others and takes their time walk off, counting
/// those masked and those that cannot be calibrated.
public final class PixelFilter {
  private final @Nullable PixelMask mask;
  private final @Nullable EnergyCalibration calibration;
  private final @Nullable TimeWalk timeWalk;
  private final Tally tally;

  /// @param masked pixels whose hits are left out
  /// @param options calibration and time walk
  public PixelFilter(PixelMask masked, OpenOptions options, Tally tally) {
    this.mask = masked.count() == 0 ? null : masked;
    this.calibration = options.calibration();
    this.timeWalk = options.timeWalk();
    this.tally = tally;
  }

  /// Whether the hit is to be left out; counts it then.
  public boolean masked(int x, int y) {
    if (mask == null || !mask.masked(x, y)) {
      return false;
    }
    tally.masked++;
    return true;
  }

  /// Energy of the hit in the unit of the source.
  public float energy(int x, int y, double value) {
    if (calibration == null) {
      return (float) value;
    }
    double energy = calibration.energyOrNan(x, y, value);
    if (Double.isNaN(energy)) {
      tally.invalidEnergies++;
      return EnergyCalibration.INVALID_KEV;
    }
    return (float) energy;
  }

  /// Time of arrival, ns, of a hit of this energy in the unit of the source.
  public double time(double toa, float energy) {
    return timeWalk == null ? toa : timeWalk.correctedNs(toa, energy);
  }

  /// Leaves out hits of masked pixels from a part of a batch, calibrates the others, whose energies
  /// are ToTs, and takes their time walk off.
  ///
  /// @param from first hit of the part
  /// @param to hit after the last one
  /// @return where the part ends now
  public int apply(HitBlock batch, int from, int to) {
    if (mask == null && calibration == null) {
      return to;
    }
    int kept = from;
    for (int i = from; i < to; i++) {
      int x = batch.x(i);
      int y = batch.y(i);
      if (!masked(x, y)) {
        batch.pixel[kept] = batch.pixel[i];
        batch.energy[kept] = energy(x, y, batch.energy[i]);
        batch.toa[kept] = time(batch.toa[i], batch.energy[kept]);
        kept++;
      }
    }
    return kept;
  }
}
