package org.pixelwake.timepix.features;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Columns of a table of features, in order. Names are lower case, with the unit where there is
/// one.
public enum FeatureColumn {
  SIZE("", true, ClusterFeatures::size),
  ENERGY("", false, ClusterFeatures::energy),
  HEIGHT("", false, ClusterFeatures::height),
  X("px", false, ClusterFeatures::x),
  Y("px", false, ClusterFeatures::y),
  MEAN_X("px", false, ClusterFeatures::meanX),
  MEAN_Y("px", false, ClusterFeatures::meanY),
  BORDER("", true, ClusterFeatures::border),
  INNER("", true, ClusterFeatures::inner),
  ROUNDNESS("", false, ClusterFeatures::roundness),
  AZIMUTH("deg", false, ClusterFeatures::azimuth),
  LINEARITY("", false, ClusterFeatures::linearity),
  LENGTH("px", false, ClusterFeatures::length),
  WIDTH("px", false, ClusterFeatures::width),
  STD_ACROSS("px", false, ClusterFeatures::across),
  STD_ALONG("px", false, ClusterFeatures::along),
  THIN("", false, ClusterFeatures::thin),
  THICK("", false, ClusterFeatures::thick),
  CURLY_THIN("", false, ClusterFeatures::curlyThin),
  ENERGY_MEAN("", false, ClusterFeatures::meanEnergy),
  ENERGY_STD("", false, ClusterFeatures::energyDeviation),
  LENGTH_CORRECTED("px", false, ClusterFeatures::correctedLength),
  LENGTH_3D("um", false, ClusterFeatures::length3d),
  ELEVATION("deg", false, ClusterFeatures::elevation),
  LET("per_um", false, ClusterFeatures::let),
  DIAMETER("px", false, ClusterFeatures::diameter),
  DENSITY("per_px", false, ClusterFeatures::density),
  EDGE("", true, features -> features.edge() ? 1 : 0),
  DURATION("ns", false, ClusterFeatures::duration);

  private final String column;
  private final boolean whole;

  @SuppressWarnings("ImmutableEnumChecker") // accessors of a record hold nothing
  private final ToDoubleFunction<ClusterFeatures> value;

  FeatureColumn(String unit, boolean whole, ToDoubleFunction<ClusterFeatures> value) {
    String name = name().toLowerCase(Locale.ROOT);
    this.column = unit.isEmpty() ? name : name + "_" + unit;
    this.whole = whole;
    this.value = value;
  }

  /// Name in a table.
  public String column() {
    return column;
  }

  /// Whether the values are whole numbers.
  public boolean whole() {
    return whole;
  }

  /// Value of a cluster.
  public double of(ClusterFeatures features) {
    return value.applyAsDouble(features);
  }
}
