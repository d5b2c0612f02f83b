package org.pixelwake.timepix;

/// Unit of the per-pixel energy value of a source.
public enum EnergyUnit {
  /// Time over threshold in clock ticks, not calibrated.
  TOT("ToT"),
  /// Energy in keV, after a per-pixel calibration.
  KEV("keV");

  private final String label;

  EnergyUnit(String label) {
    this.label = label;
  }

  /// Returns the unit as people write it: `ToT` or `keV`.
  public String label() {
    return label;
  }
}
