package org.pixelwake.validation;

import org.pixelwake.report.section.Finding.Verdict;

/// Makes verdicts on numbers of the simulation. A number that is NaN does not hold.
final class Verdicts {
  private Verdicts() {}

  /// A number that should lie between two others.
  ///
  /// @param name what it is, such as "most probable loss in 300 um"
  /// @param unit its unit; empty for a pure number
  /// @param source where the published value is from
  /// @throws IllegalArgumentException if there is no such range, or no source
  static Verdict between(
      String name, double value, String unit, double least, double greatest, String source) {
    if (!(least <= greatest) || source.isEmpty()) {
      throw new IllegalArgumentException(name + " has bounds and a source");
    }
    boolean holds = value >= least && value <= greatest;
    return new Verdict(name, value, unit, least, greatest, holds, source);
  }

  /// A number that should be a published one within a share of it.
  ///
  /// @param tolerance greatest deviation over the published value
  static Verdict within(
      String name, double value, String unit, double published, double tolerance, String source) {
    double room = tolerance * Math.abs(published);
    return between(name, value, unit, published - room, published + room, source);
  }

  /// The greatest deviation from a curve or table, per cent, with its sign.
  static Verdict deviation(String name, Deviation deviation, double allowedPerCent, String source) {
    return between(name, deviation.worst(), "%", -allowedPerCent, allowedPerCent, source);
  }
}
