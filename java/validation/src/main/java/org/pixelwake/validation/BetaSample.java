package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.pixelwake.timepix.Cluster;

/// Beta candidates of a measurement or a simulation: what is compared of them.
final class BetaSample {
  private final int side;
  private final List<Cluster> candidates = new ArrayList<>();

  /// @param side pixels along a side of the sensor
  BetaSample(int side) {
    this.side = side;
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

  Distribution sizes() {
    return new Distribution(candidates.stream().mapToDouble(Cluster::size).toArray());
  }

  Distribution linearities() {
    return new Distribution(candidates.stream().mapToDouble(BetaCandidate::linearity).toArray());
  }

  /// Values of all pixels.
  Distribution pixels() {
    return new Distribution(
        candidates.stream()
            .flatMapToDouble(cluster -> {
              double[] values = new double[cluster.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = cluster.energy()[i];
              }
              return DoubleStream.of(values);
            })
            .toArray());
  }

  /// Sums of the pixels' values, each after a conversion.
  Distribution sums(DoubleUnaryOperator conversion) {
    return new Distribution(
        candidates.stream()
            .mapToDouble(cluster -> {
              double sum = 0;
              for (float value : cluster.energy()) {
                sum += conversion.applyAsDouble(value);
              }
              return sum;
            })
            .toArray());
  }
}
