package org.pixelwake.training.target;

import java.util.List;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.dataset.ClusterTable;

/// How a target of regression becomes numbers of about unit size, and back.
///
/// Energies are learned as decimal logarithms, because spectra span decades and errors are
/// relative; the angle from the normal in degrees; both with mean and standard deviation of the
/// training clusters taken off. The azimuth, which comes round, is learned as its cosine and sine,
/// without constants, and found as the direction of the two (Bishop 1995, "Neural networks for
/// pattern recognition", section 6.4, for periodic variables).
///
/// @param target what it is
/// @param mean that is subtracted: of log10 of the value for energies, of the value for theta, 0
///   for phi
/// @param deviation that it is then divided by, 1 for phi
public record TargetScale(RegressionTarget target, double mean, double deviation) {
  /// Returns the scale of a target without constants, for judging what was learned in another way.
  public static TargetScale of(RegressionTarget target) {
    return new TargetScale(target, 0, 1);
  }

  /// Fits the constants to the training clusters.
  ///
  /// @throws InputException where fewer than two know the target, or all have the same
  public static TargetScale fit(RegressionTarget target, ClusterTable table, int[] rows) {
    double sum = 0;
    double squares = 0;
    int known = 0;
    // Differences from the first value: a mean far from 0 would take the digits off the squares.
    double first = Double.NaN;
    for (int row : rows) {
      double value = linear(target, target.of(table, row));
      if (!Double.isNaN(value)) {
        first = known == 0 ? value : first;
        sum += value - first;
        squares += (value - first) * (value - first);
        known++;
      }
    }
    if (known < 2) {
      throw new InputException(
          "--targets",
          target.column(),
          "is known of " + known + " of the " + rows.length + " training clusters",
          "Leave it out, or give clusters whose truth holds it");
    }
    if (target == RegressionTarget.PHI) {
      return new TargetScale(target, 0, 1);
    }
    double deviation = Math.sqrt(Math.max(0, (squares - sum * sum / known) / known));
    if (!(deviation > 1e-9)) {
      throw new InputException(
          "--targets",
          target.column(),
          "is the same of all training clusters",
          "Leave it out: there is nothing to learn");
    }
    return new TargetScale(target, first + sum / known, deviation);
  }

  /// The value on the scale on which it is learned, before mean and deviation; NaN where it is
  /// unknown or has none.
  private static double linear(RegressionTarget target, float value) {
    return switch (target) {
      case PRIMARY_ENERGY, DEPOSITED -> value > 0 ? Math.log10(value) : Double.NaN;
      case THETA, PHI -> value;
    };
  }

  /// What is learned of the value, before mean and deviation.
  public String transform() {
    return switch (target) {
      case PRIMARY_ENERGY, DEPOSITED -> "log10";
      case THETA -> "identity";
      case PHI -> "cosine and sine";
    };
  }

  /// Columns of the network's output that it takes.
  public int columns() {
    return target == RegressionTarget.PHI ? 2 : 1;
  }

  /// Columns of the network's output that some of them take together.
  public static int columns(List<TargetScale> scales) {
    return scales.stream().mapToInt(TargetScale::columns).sum();
  }

  /// Writes the columns to be learned, NaN where the value is not known.
  ///
  /// @param at index of the first
  public void encode(float value, float[] columns, int at) {
    if (target == RegressionTarget.PHI) {
      double radians = Math.toRadians(value);
      columns[at] = (float) Math.cos(radians);
      columns[at + 1] = (float) Math.sin(radians);
    } else {
      columns[at] = (float) ((linear(target, value) - mean) / deviation);
    }
  }

  /// The value that columns of the network's output stand for, in the target's unit; phi in [0,
  /// 360).
  ///
  /// @param at index of the first
  public float decode(float[] columns, int at) {
    return switch (target) {
      case PRIMARY_ENERGY, DEPOSITED -> (float) Math.pow(10, columns[at] * deviation + mean);
      case THETA -> (float) (columns[at] * deviation + mean);
      case PHI -> {
        double degrees = Math.toDegrees(Math.atan2(columns[at + 1], columns[at]));
        float turned = (float) (degrees < 0 ? degrees + 360 : degrees);
        // A tiny negative angle rounds up to the whole turn.
        yield turned >= 360 ? 0 : turned;
      }
    };
  }

  /// Error of a prediction as it is judged: of log10 for energies, in degrees for angles, the
  /// shorter way round for phi; NaN where the true value is not known.
  public double error(float predicted, float truth) {
    double difference = linear(target, predicted) - linear(target, truth);
    return target == RegressionTarget.PHI ? Math.IEEEremainder(difference, 360) : difference;
  }

  /// A value on the scale of [#error]: log10 for energies, degrees for angles.
  public double comparable(float value) {
    return linear(target, value);
  }

  /// What [#error] is measured in.
  public String errorUnit() {
    return target == RegressionTarget.PRIMARY_ENERGY || target == RegressionTarget.DEPOSITED
        ? "dex"
        : target.unit();
  }
}
