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

  /// Leaves out hits of masked pixels from a part of a batch and calibrates the others, whose
  /// energies are ToTs.
  ///
  /// @param from first hit of the part
  /// @param to hit after the last one
  /// @return where the part ends now
  int apply(HitBatch batch, int from, int to) {
    if (mask == null && calibration == null) {
      return to;
    }
    int kept = from;
    for (int i = from; i < to; i++) {
      int x = batch.x[i];
      int y = batch.y[i];
      if (!masked(x, y)) {
        batch.x[kept] = batch.x[i];
        batch.y[kept] = batch.y[i];
        batch.energy[kept] = energy(x, y, batch.energy[i]);
        batch.toa[kept] = batch.toa[i];
        kept++;
      }
    }
    return kept;
  }
}
