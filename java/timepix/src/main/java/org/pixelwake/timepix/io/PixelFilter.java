package org.pixelwake.timepix.io;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.calibration.Calibration;
import org.pixelwake.timepix.calibration.PixelMask;

/// Leaves out hits of masked pixels and calibrates the others, counting both.
final class PixelFilter {
  private final @Nullable PixelMask mask;
  private final @Nullable Calibration calibration;
  private final Tally tally;

  PixelFilter(@Nullable PixelMask mask, @Nullable Calibration calibration, Tally tally) {
    this.mask = mask == null || mask.count() == 0 ? null : mask;
    this.calibration = calibration;
    this.tally = tally;
  }

  /// The same with these pixels masked too.
  PixelFilter with(PixelMask more) {
    return new PixelFilter(mask == null ? more : mask.and(more), calibration, tally);
  }

  /// Whether the hit is to be left out; counts it then.
  boolean masked(int x, int y) {
    if (mask == null || !mask.masked(x, y)) {
      return false;
    }
    tally.masked++;
    return true;
  }

  /// Energy of the hit in the unit of the source.
  float energy(int x, int y, double value) {
    if (calibration == null) {
      return (float) value;
    }
    double energy = calibration.energyOrNan(x, y, value);
    if (Double.isNaN(energy)) {
      tally.invalidEnergies++;
      return Calibration.INVALID_KEV;
    }
    return (float) energy;
  }
}
