package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.base.Spread;

/// A statement that a study tests, with what was measured.
///
/// @param text such as "Pretraining converges faster"
/// @param quantities the numbers that decide it, such as the steps of both variations
/// @param criterion what had to be so, such as "fewer steps in each of three seeds"
/// @param outcome whether it was
/// @param remark one sentence more; may be empty
/// @param figure id of the figure or section of the report that shows it; empty for none
public record Statement(
    String text,
    List<Quantity> quantities,
    String criterion,
    Outcome outcome,
    String remark,
    String figure) {
  /// Copies the list.
  public Statement {
    quantities = List.copyOf(quantities);
  }

  /// A measured number with its name.
  ///
  /// @param name such as "pretrained"
  /// @param value with its spread
  /// @param unit such as "steps"; empty for a pure number
  public record Quantity(String name, Spread value, String unit) {}

  /// What came out.
  public enum Outcome {
    /// As stated.
    HELD,
    /// Not as stated.
    NOT_HELD,
    /// It cannot be said.
    NOT_MEASURED
  }
}
