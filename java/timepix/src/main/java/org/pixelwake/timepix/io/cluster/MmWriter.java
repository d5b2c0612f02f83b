package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes an MM triplet: `.ini`, `_cl.txt` (time, hits, line, byte), `_px.txt` (x y ToA energy, `#`
/// after each cluster).
public final class MmWriter {
  private static final int PROGRESS_EVERY = 1 << 12;

  private MmWriter() {}

  public static Writers.Written write(ClusterStream clusters, Path output, Progress progress) {
    String name = String.valueOf(output.getFileName());
    String stem = name.endsWith(".ini") ? name.substring(0, name.length() - 4) : name;
    boolean whole = clusters.info().unit() == EnergyUnit.TOT;
    long count = 0;
    long hits = 0;
    try (TextOutput px = new TextOutput(output.resolveSibling(stem + "_px.txt"));
        TextOutput cl = new TextOutput(output.resolveSibling(stem + "_cl.txt"));
        TextOutput ini = new TextOutput(output.resolveSibling(stem + ".ini"))) {
      while (clusters.hasNext()) {
        Cluster cluster = clusters.next();
        long line = hits + count;
        cl.number(cluster.time(), 6).text(" ").number(cluster.size());
        cl.text(" ").number(line).text(" ").number(px.bytes()).text("\n");
        for (int i = 0; i < cluster.size(); i++) {
          px.number(cluster.x()[i]).text(" ").number(cluster.y()[i]).text(" ");
          px.number(cluster.time() + cluster.toa()[i], 6).text(" ");
          if (whole) {
            px.value(cluster.energy()[i]);
          } else {
            px.number(cluster.energy()[i], 2);
          }
          px.text("\n");
        }
        px.text("#\n");
        hits += cluster.size();
        if (++count % PROGRESS_EVERY == 0) {
          progress.update(
              clusters.bytesRead(), clusters.bytesTotal(), "bytes", count + " clusters");
        }
      }
      ini.text("[Measurement]\nPxFile=" + stem + "_px.txt\nClFile=" + stem + "_cl.txt\n");
      ini.text("Format=txt\n");
      px.commit();
      cl.commit();
      ini.commit();
    }
    return new Writers.Written(hits, count, 0, clusters.report());
  }
}
