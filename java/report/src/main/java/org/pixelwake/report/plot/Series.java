package org.pixelwake.report.plot;

/// One curve over the steps of a run.
///
/// @param name name in the legend
/// @param role how it is drawn
/// @param steps iterations, ascending
/// @param values one for each step; a value that is not finite leaves a gap
public record Series(String name, Role role, long[] steps, double[] values) {
  /// How a curve is drawn.
  public enum Role {
    /// Noisy values of every step: a faint line with its running mean.
    TRAIN,
    /// Sparse values of an evaluation: a line with points.
    HELD_OUT,
    /// A smooth quantity, such as a learning rate: a plain line.
    OTHER
  }

  /// Copies the arrays.
  ///
  /// @throws IllegalArgumentException if lengths differ or steps do not ascend
  public Series {
    steps = steps.clone();
    values = values.clone();
    if (steps.length != values.length) {
      throw new IllegalArgumentException(
          name + ": " + steps.length + " steps for " + values.length + " values");
    }
    for (int i = 1; i < steps.length; i++) {
      if (steps[i] <= steps[i - 1]) {
        throw new IllegalArgumentException(
            name + ": step " + steps[i] + " after step " + steps[i - 1]);
      }
    }
  }

  @Override
  public long[] steps() {
    return steps.clone();
  }

  @Override
  public double[] values() {
    return values.clone();
  }

  public int size() {
    return steps.length;
  }

  public long step(int i) {
    return steps[i];
  }

  public double value(int i) {
    return values[i];
  }
}
