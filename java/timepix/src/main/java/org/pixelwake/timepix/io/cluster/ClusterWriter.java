package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes clusters as text, in a file that appears when it is whole.
public abstract class ClusterWriter implements ClusterSink {
  private static final int PROGRESS_EVERY = 1 << 12;

  protected final TextOutput out;

  /// Clusters written so far; 0 of a format without clusters.
  protected long count;

  /// Hits written so far.
  protected long hits;

  /// Frames written so far.
  protected long frames;

  protected ClusterWriter(Path output) {
    this.out = new TextOutput(output);
  }

  /// Writes all clusters of a stream.
  public final Writers.Written write(ClusterStream clusters, Progress progress) {
    clusters.onFrame(frame -> frame(frame.number(), frame.start(), frame.exposure()));
    for (long n = 1; clusters.hasNext(); n++) {
      append(clusters.next());
      if (n % PROGRESS_EVERY == 0) {
        progress.update(clusters.bytesRead(), clusters.bytesTotal(), "bytes", n + " clusters");
      }
    }
    finish();
    return new Writers.Written(hits, count, frames, clusters.report());
  }

  @Override
  public void append(Cluster cluster) {
    cluster(cluster);
    hits += cluster.size();
    count++;
  }

  /// Begins a frame; a format without frames leaves them out.
  protected void frame(long number, double start, double exposure) {}

  /// Writes a cluster.
  protected abstract void cluster(Cluster cluster);

  @Override
  public void finish() {
    out.commit();
  }

  @Override
  public final long hits() {
    return hits;
  }

  @Override
  public final long frames() {
    return frames;
  }

  @Override
  public void close() {
    out.close();
  }
}
