package org.pixelwake.timepix.validation;

import java.util.List;

/// A quantity of the simulation beside what was published of it.
///
/// @param id short name for links and programs, such as `stopping-power`
/// @param title heading
/// @param text what is compared, how, and what is left out
/// @param checks its numbers
/// @param plots its pictures
public record Comparison(
    String id, String title, String text, List<Check> checks, List<Plot> plots) {
  public Comparison {
    checks = List.copyOf(checks);
    plots = List.copyOf(plots);
  }

  /// Whether all numbers are as they should be.
  public boolean holds() {
    return checks.stream().allMatch(Check::holds);
  }
}
