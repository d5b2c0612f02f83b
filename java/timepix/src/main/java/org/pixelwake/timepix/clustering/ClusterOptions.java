package org.pixelwake.timepix.clustering;

import org.pixelwake.timepix.io.OpenOptions;

/// How hits are read and joined to clusters. The windows mean data-driven sources only; frames are
/// clustered one by one, and ready clusters stay as they are.
///
/// @param open how to open the source
/// @param windowNs most time between two neighbouring hits of a cluster, in ns
/// @param sortWindowNs how far, in ns, hits may come out of order. Where the first hits of a source
///   are further out of order than that, it is widened to twice what they show, with a notice
/// @param maxClusterHits a cluster that still grows this many hits of the source after it began is
///   cut, which bounds memory
/// @param threads threads that look for clusters; the result does not depend on it
public record ClusterOptions(
    OpenOptions open, double windowNs, double sortWindowNs, int maxClusterHits, int threads) {
  /// Default time window, ns.
  public static final double DEFAULT_WINDOW_NS = 200;

  /// Default sorting window, ns.
  public static final double DEFAULT_SORT_WINDOW_NS = 500_000;

  private static final int DEFAULT_MAX_CLUSTER_HITS = 1 << 22;

  public ClusterOptions {
    if (!(windowNs >= 0) || !(sortWindowNs >= 0) || maxClusterHits < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "windows are not negative, a cluster has a hit, and a thread works: %s, %s, %s, %s"
              .formatted(windowNs, sortWindowNs, maxClusterHits, threads));
    }
  }

  /// 200 ns between neighbours, 500 us of disorder, one thread.
  public static ClusterOptions defaults() {
    return new ClusterOptions(
        OpenOptions.defaults(),
        DEFAULT_WINDOW_NS,
        DEFAULT_SORT_WINDOW_NS,
        DEFAULT_MAX_CLUSTER_HITS,
        1);
  }

  /// Returns the options with the source opened so.
  public ClusterOptions withOpen(OpenOptions value) {
    return new ClusterOptions(value, windowNs, sortWindowNs, maxClusterHits, threads);
  }

  /// Returns the options with this time window in ns.
  public ClusterOptions withWindowNs(double value) {
    return new ClusterOptions(open, value, sortWindowNs, maxClusterHits, threads);
  }

  /// Returns the options with this sorting window in ns.
  public ClusterOptions withSortWindowNs(double value) {
    return new ClusterOptions(open, windowNs, value, maxClusterHits, threads);
  }

  /// Returns the options with so many threads.
  public ClusterOptions withThreads(int value) {
    return new ClusterOptions(open, windowNs, sortWindowNs, maxClusterHits, value);
  }
}
