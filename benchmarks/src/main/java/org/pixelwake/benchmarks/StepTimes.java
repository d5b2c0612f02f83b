package org.pixelwake.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Times and losses of timed training steps on one batch. The processor time, of all threads, tells
/// a disturbed step from a slow one.
final class StepTimes {
  private final List<Double> milliseconds = new ArrayList<>();
  private final List<Double> processorMilliseconds = new ArrayList<>();
  private final List<Double> losses = new ArrayList<>();
  private double firstLoss = Double.NaN;

  /// A step that counts only for the course of the loss.
  void warmUp(double loss) {
    check(loss);
  }

  void timed(long nanoseconds, long processorNanoseconds, double loss) {
    check(loss);
    processorMilliseconds.add(processorNanoseconds / 1e6);
    milliseconds.add(nanoseconds / 1e6);
    losses.add(loss);
  }

  List<Double> milliseconds() {
    return Collections.unmodifiableList(milliseconds);
  }

  List<Double> losses() {
    return Collections.unmodifiableList(losses);
  }

  /// The loss of the first of all steps.
  double firstLoss() {
    return firstLoss;
  }

  double medianMilliseconds() {
    return median(milliseconds);
  }

  double medianProcessorMilliseconds() {
    return median(processorMilliseconds);
  }

  /// Training on one batch lowers its loss: a step that does not train is not to be timed.
  ///
  /// @throws IllegalStateException if the last loss is not below the first
  void requireProgress() {
    double last = losses.getLast();
    if (!(last < firstLoss)) {
      throw new IllegalStateException(
          "The loss did not decrease: %.6f at first, %.6f at last".formatted(firstLoss, last));
    }
  }

  private void check(double loss) {
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException("The loss is not finite: " + loss);
    }
    if (Double.isNaN(firstLoss)) {
      firstLoss = loss;
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
