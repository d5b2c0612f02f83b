package org.pixelwake.timepix.io.frame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes a folder of Pixelman `ASCII XYC` frames with their `.dsc`: whole frames, or clusters that
/// are put into frames.
public final class XycWriter implements ClusterSink {
  private final Path output;
  private final AtomicFolder folder;
  private final SourceInfo info;
  private final int together;
  private long frames;
  private long hits;

  // The frame that clusters are put into.
  private final float[] energy;
  private final BitSet hit = new BitSet();
  private long frame;

  /// @param together number of consecutive frame numbers whose clusters are written as one frame
  public XycWriter(Path output, SourceInfo info, int together) {
    if (together < 1) {
      throw new IllegalArgumentException("frames of " + together + " frames");
    }
    this.output = output;
    this.info = info;
    this.together = together;
    this.energy = new float[info.width() * info.height()];
    try {
      refuseFilled(output);
      this.folder = new AtomicFolder(output);
    } catch (IOException e) {
      throw InputException.unwritable(output, e);
    }
  }

  /// Writes all frames of a source.
  public static Writers.Written write(FrameSource frames, Path output, Progress progress) {
    try (XycWriter writer = new XycWriter(output, frames.info(), 1)) {
      for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
        writer.add(frame);
        progress.update(
            frames.bytesRead(), frames.bytesTotal(), "bytes", writer.frames + " frames");
      }
      writer.finish();
      ClusterReport report = new ClusterReport(frames.report(), 0, 0, 0, frames.report().notices());
      return new Writers.Written(writer.hits, 0, writer.frames, report);
    }
  }

  private void add(Frame written) {
    String name = String.format(Locale.ROOT, "frame%06d.txt", frames++);
    data(written, folder.temporary().resolve(name));
    description(written, info, folder.temporary().resolve(name + ".dsc"));
    hits += written.size();
  }

  @Override
  public void append(Cluster cluster) {
    if (cluster.frame() / together != frame) {
      flush();
    }
    frame = cluster.frame() / together;
    for (int i = 0; i < cluster.size(); i++) {
      int pixel = cluster.y()[i] * info.width() + cluster.x()[i];
      energy[pixel] += cluster.energy()[i];
      hit.set(pixel);
    }
  }

  /// Writes the frame that clusters were put into, if there is one.
  private void flush() {
    if (hit.isEmpty()) {
      return;
    }
    int[] pixels = hit.stream().toArray();
    short[] x = new short[pixels.length];
    short[] y = new short[pixels.length];
    float[] values = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      x[i] = (short) (pixels[i] % info.width());
      y[i] = (short) (pixels[i] / info.width());
      values[i] = energy[pixels[i]];
    }
    add(new Frame(frames, 0, 0, "", x, y, values));
    Arrays.fill(energy, 0);
    hit.clear();
  }

  @Override
  public void finish() {
    flush();
    try {
      folder.commit();
    } catch (IOException e) {
      throw InputException.unwritable(output, e);
    }
  }

  @Override
  public long hits() {
    return hits;
  }

  @Override
  public long frames() {
    return frames;
  }

  @Override
  public void close() {
    try {
      folder.close();
    } catch (IOException e) {
      throw InputException.unwritable(output, e);
    }
  }

  private static void refuseFilled(Path output) throws IOException {
    if (Files.isDirectory(output)) {
      try (var inside = Files.list(output)) {
        if (inside.findAny().isEmpty()) {
          return;
        }
      }
    }
    if (Files.exists(output)) {
      throw new InputException(output, "exists and is not an empty folder", "Name a new folder");
    }
  }

  private static void data(Frame frame, Path file) {
    try (TextOutput out = new TextOutput(file)) {
      for (int i = 0; i < frame.size(); i++) {
        out.number(frame.x()[i]).text("\t").number(frame.y()[i]).text("\t");
        out.value(frame.energy()[i]).text("\n");
      }
      out.commit();
    }
  }

  private static void description(Frame frame, SourceInfo info, Path file) {
    try (TextOutput out = new TextOutput(file)) {
      out.text("A000000001\n[F0]\nType=double [X,Y,C] width=" + info.width());
      out.text(" height=" + info.height() + "\n");
      seconds(out, "Acq time\" (\"Acquisition time [s]", frame.exposure());
      if (!info.chipId().isEmpty()) {
        out.text("\"ChipboardID\" (\"Medipix or chipboard ID\"):\n");
        out.text("uchar[" + info.chipId().length() + "]\n" + info.chipId() + "\n\n");
      }
      if (info.detector().equals("Timepix")) {
        out.text("\"Mpx type\" (\"Medipix type (1-2.1, 2-MXR, 3-TPX)\"):\ni32[1]\n3 \n\n");
      }
      seconds(out, "Start time\" (\"Acquisition start time", frame.start());
      out.commit();
    }
  }

  private static void seconds(TextOutput out, String name, double ns) {
    if (ns > 0) {
      out.text("\"" + name + "\"):\ndouble[1]\n").number(ns / 1e9, 6).text(" \n\n");
    }
  }
}
