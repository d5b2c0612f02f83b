package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes an MM triplet: `.ini`, `_cl.txt` (time, hits, line, byte), `_px.txt` (x y ToA energy, `#`
/// after each cluster).
public final class MmWriter extends ClusterWriter {
  private final String stem;
  private final boolean whole;
  private final TextOutput px;
  private final TextOutput cl;
  private final TextOutput ini;

  /// @param output `X` or `X.ini`
  /// @param whole whether energies are whole numbers, ToT in ticks
  public MmWriter(Path output, boolean whole) {
    String name = String.valueOf(output.getFileName());
    this.stem = name.endsWith(".ini") ? name.substring(0, name.length() - 4) : name;
    this.whole = whole;
    this.px = new TextOutput(output.resolveSibling(stem + "_px.txt"));
    this.cl = beside(output, "_cl.txt", px);
    this.ini = beside(output, ".ini", px, cl);
  }

  /// Opens a further file; where it cannot be, those before are given up.
  private TextOutput beside(Path output, String end, TextOutput... before) {
    try {
      return new TextOutput(output.resolveSibling(stem + end));
    } catch (RuntimeException e) {
      for (TextOutput opened : before) {
        opened.close();
      }
      throw e;
    }
  }

  @Override
  void cluster(Cluster cluster) {
    cl.number(cluster.time(), 6).text(" ").number(cluster.size());
    cl.text(" ").number(hits + count).text(" ").number(px.bytes()).text("\n");
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
  }

  @Override
  void finish() {
    ini.text("[Measurement]\nPxFile=" + stem + "_px.txt\nClFile=" + stem + "_cl.txt\n");
    ini.text("Format=txt\n");
    px.commit();
    cl.commit();
    ini.commit();
  }

  @Override
  public void close() {
    try (px;
        cl) {
      ini.close();
    }
  }
}
