package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes a cluster log: `Frame n (start s, exposure s)`, then a line a cluster. Hits with times
/// carry theirs in ns as the fourth value. Frames without clusters are written where the source has
/// frames.
public final class ClogWriter {
  private static final int PROGRESS_EVERY = 1 << 12;

  private final ClusterStream clusters;
  private final TextOutput out;
  private long frames;
  private long current = -1;

  private ClogWriter(ClusterStream clusters, TextOutput out) {
    this.clusters = clusters;
    this.out = out;
  }

  public static Writers.Written write(ClusterStream clusters, Path output, Progress progress) {
    try (TextOutput out = new TextOutput(output)) {
      return new ClogWriter(clusters, out).write(progress);
    }
  }

  private Writers.Written write(Progress progress) {
    boolean timed = clusters.info().hasToa();
    long hits = 0;
    long count = 0;
    clusters.onFrame(this::frame);
    while (clusters.hasNext()) {
      Cluster cluster = clusters.next();
      if (cluster.frame() != current) {
        header(cluster.frame(), timed ? 0 : cluster.time(), 0);
      }
      for (int i = 0; i < cluster.size(); i++) {
        out.text("[").number(cluster.x()[i]).text(", ").number(cluster.y()[i]).text(", ");
        out.value(cluster.energy()[i]);
        if (timed) {
          out.text(", ").number(cluster.time() + cluster.toa()[i], 6);
        }
        out.text("] ");
      }
      out.text("\n");
      hits += cluster.size();
      if (++count % PROGRESS_EVERY == 0) {
        progress.update(clusters.bytesRead(), clusters.bytesTotal(), "bytes", count + " clusters");
      }
    }
    out.commit();
    return new Writers.Written(hits, count, frames, clusters.report());
  }

  private void frame(Frame frame) {
    header(frame.number(), frame.start(), frame.exposure());
  }

  private void header(long number, double start, double exposure) {
    out.text(frames++ == 0 ? "" : "\n").text("Frame ").number(number + 1);
    out.text(" (").number(start / 1e9, 6).text(", ").number(exposure / 1e9, 6).text(" s)\n");
    current = number;
  }
}
