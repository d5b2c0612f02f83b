package org.pixelwake.report.section;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Where a run was computed and how fast.
///
/// @param device such as "CPU, AVX2"
/// @param threads worker threads
/// @param clustersPerSecond mean over the training, evaluations not counted
/// @param wallTime from start to end, evaluations counted
/// @param peakMemoryBytes largest resident memory; 0 where it is not known
/// @param environment further facts in order, such as versions of Java and of the library
public record Timing(
    String device,
    int threads,
    double clustersPerSecond,
    Duration wallTime,
    long peakMemoryBytes,
    Map<String, String> environment) {
  /// Copies the map, in its order.
  public Timing {
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }
}
