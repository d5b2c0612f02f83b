package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.timepix.Cluster;

/// Writes a cluster log: `Frame n (start s, exposure s)`, then a line a cluster. Hits with times
/// carry theirs in ns as the fourth value. Frames without clusters are written where the source has
/// frames.
public final class ClogWriter extends ClusterWriter {
  private final boolean timed;
  private long current = -1;

  /// @param timed whether the hits have times
  public ClogWriter(Path output, boolean timed) {
    super(output);
    this.timed = timed;
  }

  @Override
  protected void cluster(Cluster cluster) {
    if (cluster.frame() != current) {
      frame(cluster.frame(), timed ? 0 : cluster.time(), 0);
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
  }

  @Override
  protected void frame(long number, double start, double exposure) {
    out.text(frames++ == 0 ? "" : "\n").text("Frame ").number(number + 1);
    out.text(" (").number(start / 1e9, 6).text(", ").number(exposure / 1e9, 6).text(" s)\n");
    current = number;
  }
}
