package org.pixelwake.training.metrics;

import java.util.OptionalLong;

/// A figure that training raises, such as the accuracy of validation, against steps.
///
/// Steps to a value are those of the first point that is at the value or above it; there is nothing
/// between points, and it does not matter whether the curve falls below it again. So the answer is
/// late by up to the distance of two points.
///
/// @param steps of the points, rising
/// @param values at the points
public record LearningCurve(long[] steps, double[] values) {
  public LearningCurve {
    if (steps.length != values.length || steps.length == 0) {
      throw new IllegalArgumentException(
          "a curve of " + steps.length + " steps and " + values.length + " values");
    }
    for (int i = 1; i < steps.length; i++) {
      if (steps[i] <= steps[i - 1]) {
        throw new IllegalArgumentException(
            "steps of a curve do not rise: " + steps[i - 1] + ", " + steps[i]);
      }
    }
    Samples.checkFinite(values);
  }

  /// Value at the end: the last one, or the mean of the last few where the curve is noisy.
  ///
  /// @param points how many
  public double end(int points) {
    if (points < 1 || points > values.length) {
      throw new IllegalArgumentException(points + " of " + values.length + " points");
    }
    double sum = 0;
    for (int i = values.length - points; i < values.length; i++) {
      sum += values[i];
    }
    return sum / points;
  }

  /// Steps until the curve is first at a value or above; empty where it never is.
  public OptionalLong stepsToValue(double value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] >= value) {
        return OptionalLong.of(steps[i]);
      }
    }
    return OptionalLong.empty();
  }

  /// Steps until the curve is first at the given share of its last value, such as 90 % of the final
  /// accuracy. Meant for curves above 0; a share of at most 1 is then always reached, at the last
  /// point if not before. A share above 1 may never be: then it is empty.
  public OptionalLong stepsTo(double fractionOfFinal) {
    return stepsToValue(fractionOfFinal * end(1));
  }

  /// Steps until the curve has first gone the given share of the way from its first to its last
  /// value; empty where the last value is not above the first. Unlike [#stepsTo] it does not count
  /// what is there from the start, such as the accuracy of guessing.
  public OptionalLong stepsToRise(double fractionOfRise) {
    double first = values[0];
    double last = end(1);
    return last > first
        ? stepsToValue(first + fractionOfRise * (last - first))
        : OptionalLong.empty();
  }
}
