package org.pixelwake.timepix.io.hit;

import java.nio.file.Path;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitBuffer;
import org.pixelwake.timepix.io.ReadReport;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes hits as text: `.t3pa` with a header and the columns Index, Matrix Index, ToA (25 ns),
/// ToT, FToA (1.5625 ns back from the ToA), Overflow 0; or that of Burda and Katherine with the
/// columns matrix index, ToA, FToA, ToT.
public final class T3paWriter implements ClusterSink {
  private static final double FINE_TICK = 1.5625;
  private static final int BATCH = 1 << 14;

  private final TextOutput out;
  private final Format format;
  private final int width;
  private final String source;
  private long index;

  public T3paWriter(Path output, SourceInfo info, Format format) {
    this.out = new TextOutput(output);
    this.format = format;
    this.width = info.width();
    this.source = info.file();
    out.text(format == Format.BURDA ? "" : "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n");
  }

  /// Writes hits in order of time.
  public static Writers.Written write(
      EventSource events, ClusterOptions options, Format format, Path output, Progress progress) {
    try (T3paWriter writer = new T3paWriter(output, events.info(), format)) {
      TimeDivider divider = new TimeDivider(options.sortWindowNs());
      HitSorter sorter = new HitSorter();
      HitBuffer batch = new HitBuffer(BATCH);
      while (events.next(batch)) {
        if (batch.segment > 0) {
          throw new InputException(
              events.info().file(),
              "it holds several measurements, each with a time of its own",
              "Convert one file at a time");
        }
        divider.add(batch);
        writer.hits(divider, sorter);
        progress.update(events.bytesRead(), events.bytesTotal(), "bytes", writer.index + " hits");
      }
      divider.flush();
      writer.hits(divider, sorter);
      writer.finish();
      ReadReport read = events.report();
      return new Writers.Written(
          writer.index, 0, 0, new ClusterReport(read, 0, divider.late(), 0, read.notices()));
    }
  }

  /// Writes the hits of ready clusters, cluster by cluster.
  public static Writers.Written write(
      ClusterStream clusters, Format format, Path output, Progress progress) {
    try (T3paWriter writer = new T3paWriter(output, clusters.info(), format)) {
      while (clusters.hasNext()) {
        writer.append(clusters.next());
        progress.update(
            clusters.bytesRead(), clusters.bytesTotal(), "bytes", writer.index + " hits");
      }
      writer.finish();
      return new Writers.Written(writer.index, 0, 0, clusters.report());
    }
  }

  @Override
  public void append(Cluster cluster) {
    for (int i = 0; i < cluster.size(); i++) {
      hit(cluster.x()[i], cluster.y()[i], cluster.energy()[i], cluster.time() + cluster.toa()[i]);
    }
  }

  @Override
  public void finish() {
    out.commit();
  }

  @Override
  public long hits() {
    return index;
  }

  @Override
  public long frames() {
    return 0;
  }

  @Override
  public void close() {
    out.close();
  }

  private void hits(TimeDivider divider, HitSorter sorter) {
    for (HitBlock hits = divider.poll(); hits != null; hits = divider.poll()) {
      long[] order = sorter.sort(hits);
      for (int k = 0; k < hits.size; k++) {
        int i = sorter.hit(order[k]);
        hit(hits.x(i), hits.y(i), hits.energy[i], hits.toa[i]);
      }
      divider.recycle(hits);
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
      out.number(index).text("\t").number(pixel).text("\t").number(coarse).text("\t");
      out.number(Math.round(energy)).text("\t").number(back).text("\t0\n");
    }
    index++;
  }
}
