package org.pixelwake.report.section;

import org.jspecify.annotations.Nullable;

/// A number measured at the end of a run.
///
/// @param name such as "Cluster-mask IoU"
/// @param value the number
/// @param unit such as "keV"; empty for a pure number
/// @param target what it should reach; null where nothing is asked of it
/// @param explanation one sentence: what the number is
public record Metric(
    String name, double value, String unit, @Nullable Target target, String explanation) {
  /// What a number should reach.
  ///
  /// @param bound on which side of the threshold it should lie
  /// @param threshold reaching it exactly counts
  public record Target(Bound bound, double threshold) {
    /// At least that much.
    public static Target atLeast(double threshold) {
      return new Target(Bound.AT_LEAST, threshold);
    }

    /// At most that much.
    public static Target atMost(double threshold) {
      return new Target(Bound.AT_MOST, threshold);
    }

    /// Whether the value reaches it; NaN never does.
    public boolean met(double value) {
      return switch (bound) {
        case AT_LEAST -> value >= threshold;
        case AT_MOST -> value <= threshold;
      };
    }
  }

  /// Side of a threshold.
  public enum Bound {
    /// Larger is better.
    AT_LEAST,
    /// Smaller is better.
    AT_MOST
  }
}
