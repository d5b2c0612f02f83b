package org.pixelwake.timepix.io.cluster;

import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.Writers;

/// Writes clusters as text, in a file or several that appear when they are whole.
public abstract class ClusterWriter implements AutoCloseable {
  private static final int PROGRESS_EVERY = 1 << 12;

  /// Clusters written so far.
  long count;

  /// Hits written so far.
  long hits;

  /// Frames written so far.
  long frames;

  ClusterWriter() {}

  /// Writes all clusters of a stream.
  public final Writers.Written write(ClusterStream clusters, Progress progress) {
    clusters.onFrame(frame -> frame(frame.number(), frame.start(), frame.exposure()));
    while (clusters.hasNext()) {
      Cluster cluster = clusters.next();
      cluster(cluster);
      hits += cluster.size();
      if (++count % PROGRESS_EVERY == 0) {
        progress.update(clusters.bytesRead(), clusters.bytesTotal(), "bytes", count + " clusters");
      }
    }
    finish();
    return new Writers.Written(hits, count, frames, clusters.report());
  }

  /// Begins a frame; a format without frames leaves them out.
  void frame(long number, double start, double exposure) {}

  /// Writes a cluster.
  abstract void cluster(Cluster cluster);

  /// Completes what is written.
  abstract void finish();

  @Override
  public abstract void close();
}
