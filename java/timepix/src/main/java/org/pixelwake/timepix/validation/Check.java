package org.pixelwake.timepix.validation;

/// A number of the simulation and what it should be.
///
/// @param name what it is, such as "most probable loss in 300 um"
/// @param value the number; NaN does not hold
/// @param unit its unit; empty for a pure number
/// @param least least value that holds
/// @param greatest greatest value that holds
/// @param source where the published value is from
public record Check(
    String name, double value, String unit, double least, double greatest, String source) {
  public Check {
    if (!(least <= greatest) || source.isEmpty()) {
      throw new IllegalArgumentException(name + " has bounds and a source");
    }
  }

  /// A number that should be a published one within a share of it.
  ///
  /// @param tolerance greatest deviation over the published value
  static Check within(
      String name, double value, String unit, double published, double tolerance, String source) {
    double room = tolerance * Math.abs(published);
    return new Check(name, value, unit, published - room, published + room, source);
  }

  /// The greatest deviation from a curve or table, per cent, with its sign.
  static Check deviation(String name, Deviation deviation, double allowedPerCent, String source) {
    return new Check(name, deviation.worst(), "%", -allowedPerCent, allowedPerCent, source);
  }

  /// Whether the number is as it should be.
  public boolean holds() {
    return value >= least && value <= greatest;
  }
}
