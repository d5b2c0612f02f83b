package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.pixelwake.timepix.Cluster;

/// Beta candidates of a measurement or a simulation.
///
/// @param side pixels along a side of the sensor
record BetaSample(int side, List<Cluster> candidates) {
  BetaSample(int side) {
    this(side, new ArrayList<>());
  }

  /// Takes a cluster if it is a candidate.
  void add(Cluster cluster) {
    if (BetaCandidate.is(cluster, side)) {
      candidates.add(cluster);
    }
  }

  int count() {
    return candidates.size();
  }

  /// Returns a value of each candidate.
  Distribution of(ToDoubleFunction<Cluster> value) {
    return new Distribution(candidates.stream().mapToDouble(value).toArray());
  }

  /// Returns the values of all pixels.
  Distribution pixels() {
    return new Distribution(
        candidates.stream()
            .flatMapToDouble(
                one -> IntStream.range(0, one.size()).mapToDouble(i -> one.energy()[i]))
            .toArray());
  }

  /// Returns the sum of the pixels' values, each after a conversion.
  static double sum(Cluster cluster, DoubleUnaryOperator conversion) {
    double sum = 0;
    for (float value : cluster.energy()) {
      sum += conversion.applyAsDouble(value);
    }
    return sum;
  }
}
