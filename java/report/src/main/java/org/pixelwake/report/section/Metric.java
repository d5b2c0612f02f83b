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
  /// @param least whether the value should be at least the threshold, else at most
  /// @param threshold reaching it exactly counts
  public record Target(boolean least, double threshold) {
    /// At least that much.
    public static Target atLeast(double threshold) {
      return new Target(true, threshold);
    }

    /// At most that much.
    public static Target atMost(double threshold) {
      return new Target(false, threshold);
    }

    /// Whether the value reaches it; NaN never does.
    public boolean met(double value) {
      return least ? value >= threshold : value <= threshold;
    }
  }
}
