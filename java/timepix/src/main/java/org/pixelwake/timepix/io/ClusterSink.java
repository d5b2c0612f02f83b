package org.pixelwake.timepix.io;

import org.pixelwake.timepix.Cluster;

/// Takes clusters as they arise and writes their hits in a format of detectors. What is written
/// appears under its name by [#finish]; closed before, it is removed.
public interface ClusterSink extends AutoCloseable {
  /// Adds a cluster; those of one frame follow each other.
  void append(Cluster cluster);

  /// Completes what is written.
  void finish();

  /// Hits written so far.
  long hits();

  /// Frames written so far; 0 of a format without frames.
  long frames();

  @Override
  void close();
}
