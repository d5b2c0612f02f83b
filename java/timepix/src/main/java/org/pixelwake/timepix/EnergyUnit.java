package org.pixelwake.timepix;

/// Unit of the per-pixel energy value of a source.
public enum EnergyUnit {
  /// Time over threshold in clock ticks, not calibrated.
  TOT,
  /// Energy in keV, after a per-pixel calibration.
  KEV
}
