package org.pixelwake.timepix.features;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.pixelwake.engine.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;

/// A physical quantity of every cluster of a table, to be held against what a network makes of
/// them.
///
/// @param name name, such as `length`
/// @param unit unit, such as `px`, empty where there is none
/// @param values one value a row; NaN where it is not known. They belong to the quantity and are
///   not to be changed
public record Quantity(String name, String unit, float[] values) {
  // Neither enters the length of a track in pixels.
  private static final double PITCH_UM = 55;
  private static final double THICKNESS_UM = 300;

  /// Whether the value of any row is known.
  public boolean known() {
    for (float value : values) {
      if (!Float.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  /// The quantities of a table, in this order: `hits`, `energy` (sum, in the unit of the data set),
  /// `length` (px, of [ClusterFeatures]); and those of the truth as far as any cluster has them:
  /// `primary_energy` (MeV), `deposited_energy` (keV), `theta` (deg, from the normal), `phi` (deg,
  /// an angle that comes round: 359 is near to 1).
  ///
  /// @throws InputException where a hit is not on the sensor that its source names
  public static List<Quantity> of(ClusterTable table, DatasetInfo info) {
    float[] hits = new float[table.count()];
    float[] energy = new float[table.count()];
    for (int row = 0; row < hits.length; row++) {
      hits[row] = table.size(row);
      energy[row] = table.energySum(row);
    }
    String unit = info.unit() == EnergyUnit.KEV ? "keV" : "ToT";
    List<Quantity> measured =
        List.of(
            new Quantity("hits", "", hits),
            new Quantity("energy", unit, energy),
            new Quantity("length", "px", lengths(table, info)));
    List<Quantity> truths =
        List.of(
            truth(table, "primary_energy", "MeV", Truth::energyMeV),
            truth(table, "deposited_energy", "keV", Truth::depositedKeV),
            truth(table, "theta", "deg", Truth::thetaDegrees),
            truth(table, "phi", "deg", Truth::phiDegrees));
    return Stream.concat(measured.stream(), truths.stream().filter(Quantity::known)).toList();
  }

  private static float[] lengths(ClusterTable table, DatasetInfo info) {
    List<SourceInfo> sources = info.sources();
    List<FeatureFinder> finders = sources.stream().map(Quantity::finder).toList();
    float[] lengths = new float[table.count()];
    for (int row = 0; row < lengths.length; row++) {
      int source = table.source(row);
      try {
        lengths[row] = (float) finders.get(source).of(table.cluster(row)).length();
      } catch (IllegalArgumentException e) {
        throw new InputException(
            sources.get(source).file(),
            "cluster " + row,
            String.valueOf(e.getMessage()),
            "Make the data set again with the layout of the sensor",
            e);
      }
    }
    return lengths;
  }

  private static FeatureFinder finder(SourceInfo source) {
    return new FeatureFinder(
        new SensorShape(source.width(), source.height(), PITCH_UM, THICKNESS_UM));
  }

  private static Quantity truth(
      ClusterTable table, String name, String unit, ToDoubleFunction<Truth> value) {
    float[] values = new float[table.count()];
    Arrays.fill(values, Float.NaN);
    for (int row = 0; row < values.length; row++) {
      Truth truth = table.truth(row);
      if (truth != null) {
        values[row] = (float) value.applyAsDouble(truth);
      }
    }
    return new Quantity(name, unit, values);
  }
}
