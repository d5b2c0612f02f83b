package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes an MM triplet: `.ini`, `_cl.txt` (time, hits, line, byte), `_px.txt` (x y ToA energy, `#`
/// after each cluster).
public final class MmWriter extends ClusterWriter {
  private final String stem;
  private final boolean whole;
  private final TextOutput cl;
  private final TextOutput ini;

  /// @param output `X` or `X.ini`
  /// @param whole whether energies are whole numbers, ToT in ticks
  public MmWriter(Path output, boolean whole) {
    super(output.resolveSibling(stem(output) + "_px.txt"));
    this.stem = stem(output);
    this.whole = whole;
    this.cl = beside(output, "_cl.txt", out);
    this.ini = beside(output, ".ini", out, cl);
  }

  private static String stem(Path output) {
    String name = String.valueOf(output.getFileName());
    return name.endsWith(".ini") ? name.substring(0, name.length() - 4) : name;
  }

  /// Opens a further file; where it cannot be, those before are given up.
  private static TextOutput beside(Path output, String end, TextOutput... before) {
    try {
      return new TextOutput(output.resolveSibling(stem(output) + end));
    } catch (RuntimeException e) {
      List.of(before).forEach(TextOutput::close);
      throw e;
    }
  }

  @Override
  protected void cluster(Cluster cluster) {
    cl.number(cluster.time(), 6).text(" ").number(cluster.size());
    cl.text(" ").number(hits + count).text(" ").number(out.bytes()).text("\n");
    for (int i = 0; i < cluster.size(); i++) {
      out.number(cluster.x()[i]).text(" ").number(cluster.y()[i]).text(" ");
      out.number(cluster.time() + cluster.toa()[i], 6).text(" ");
      if (whole) {
        out.value(cluster.energy()[i]);
      } else {
        out.number(cluster.energy()[i], 2);
      }
      out.text("\n");
    }
    out.text("#\n");
  }

  @Override
  public void finish() {
    ini.text("[Measurement]\nPxFile=" + stem + "_px.txt\nClFile=" + stem + "_cl.txt\n");
    ini.text("Format=txt\n");
    out.commit();
    cl.commit();
    ini.commit();
  }

  @Override
  public void close() {
    try (out;
        cl) {
      ini.close();
    }
  }
}
