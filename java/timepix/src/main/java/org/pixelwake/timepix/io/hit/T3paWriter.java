package org.pixelwake.timepix.io.hit;

import java.nio.file.Path;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.ReadReport;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.cluster.ClusterWriter;

/// Writes hits as text: `.t3pa` with a header and the columns Index, Matrix Index, ToA (25 ns),
/// ToT, FToA (1.5625 ns back from the ToA), Overflow 0; or that of Burda and Katherine with the
/// columns matrix index, ToA, FToA, ToT.
public final class T3paWriter extends ClusterWriter {
  private static final double FINE_TICK = 1.5625;
  private static final int BATCH = 1 << 14;

  private final Format format;
  private final int width;
  private final String source;

  public T3paWriter(Path output, SourceInfo info, Format format) {
    super(output);
    this.format = format;
    this.width = info.width();
    this.source = info.file();
    out.text(format == Format.BURDA ? "" : "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n");
  }

  /// Writes hits in order of time.
  ///
  /// @param window least sorting window, ns
  public Writers.Written write(EventSource events, double window, Progress progress) {
    TimeDivider divider = new TimeDivider(window);
    HitSorter sorter = new HitSorter();
    HitBlock batch = new HitBlock(BATCH);
    while (events.next(batch)) {
      if (batch.segment > 0) {
        throw new InputException(
            source,
            "it holds several measurements, each with a time of its own",
            "Convert one file at a time");
      }
      divider.add(batch);
      write(divider, sorter);
      progress.update(events.bytesRead(), events.bytesTotal(), "bytes", hits + " hits");
    }
    divider.flush();
    write(divider, sorter);
    finish();
    ReadReport read = events.report();
    return new Writers.Written(
        hits, 0, 0, new ClusterReport(read, 0, divider.late(), 0, read.notices()));
  }

  /// Writes the hits of a cluster; those of several are in the order of the clusters.
  @Override
  public void append(Cluster cluster) {
    cluster(cluster);
  }

  @Override
  protected void cluster(Cluster cluster) {
    for (int i = 0; i < cluster.size(); i++) {
      hit(cluster.x()[i], cluster.y()[i], cluster.energy()[i], cluster.time() + cluster.toa()[i]);
    }
  }

  private void write(TimeDivider divider, HitSorter sorter) {
    for (HitBlock block = divider.poll(); block != null; block = divider.poll()) {
      long[] order = sorter.sort(block);
      for (int k = 0; k < block.size; k++) {
        int i = sorter.hit(order[k]);
        hit(block.x(i), block.y(i), block.energy[i], block.toa[i]);
      }
      divider.recycle(block);
    }
  }

  private void hit(int x, int y, float energy, double toa) {
    long fine = Math.round(toa / FINE_TICK);
    long coarse = Math.ceilDiv(fine, 16);
    if (coarse < 0) {
      throw new InputException(
          source, "a hit has a time below 0", "Convert to mm or clog, which hold such times");
    }
    long pixel = (long) y * width + x;
    long back = 16 * coarse - fine;
    if (format == Format.BURDA) {
      out.number(pixel).text("\t").number(coarse).text("\t").number(back).text("\t");
      out.number(Math.round(energy)).text("\n");
    } else {
      out.number(hits).text("\t").number(pixel).text("\t").number(coarse).text("\t");
      out.number(Math.round(energy)).text("\t").number(back).text("\t0\n");
    }
    hits++;
  }
}
