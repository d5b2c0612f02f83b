package org.pixelwake.training.target;

import java.util.Arrays;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;

/// What a network can learn to measure: a number that the truth of a cluster holds. The names are
/// those of the columns of a data set.
public enum RegressionTarget {
  /// Kinetic energy of the particle where it came to the detector, MeV.
  PRIMARY_ENERGY("primary_energy_mev", "MeV"),

  /// Energy that it left in the sensor, keV.
  DEPOSITED("deposited_kev", "keV"),

  /// Its angle from the normal of the sensor, degrees.
  THETA("theta_deg", "deg"),

  /// Its azimuth, degrees. It comes round: 359 is near to 1.
  PHI("phi_deg", "deg");

  private final String column;
  private final String unit;

  RegressionTarget(String column, String unit) {
    this.column = column;
    this.unit = unit;
  }

  /// The target of a name.
  ///
  /// @throws InputException where there is none
  public static RegressionTarget named(String name) {
    for (RegressionTarget target : values()) {
      if (target.column.equals(name)) {
        return target;
      }
    }
    throw new InputException(
        "target",
        name,
        "it is no quantity of the truth",
        "Choose one of "
            + String.join(", ", Arrays.stream(values()).map(RegressionTarget::column).toList()));
  }

  /// Name, that of the column.
  public String column() {
    return column;
  }

  /// Unit.
  public String unit() {
    return unit;
  }

  /// Its value of a cluster; NaN where it is not known.
  public float of(ClusterTable table, int row) {
    Truth truth = table.truth(row);
    if (truth == null) {
      return Float.NaN;
    }
    return switch (this) {
      case PRIMARY_ENERGY -> truth.energyMeV();
      case DEPOSITED -> truth.depositedKeV();
      case THETA -> truth.thetaDegrees();
      case PHI -> truth.phiDegrees();
    };
  }
}
