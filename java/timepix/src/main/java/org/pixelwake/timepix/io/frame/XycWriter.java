package org.pixelwake.timepix.io.frame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes a folder of Pixelman `ASCII XYC` frames with their `.dsc`. The folder appears under its
/// name by [#finish]; closed before, it is removed.
public final class XycWriter implements AutoCloseable {
  private final Path output;
  private final AtomicFolder folder;
  private final SourceInfo info;
  private long frames;
  private long hits;

  public XycWriter(Path output, SourceInfo info) {
    this.output = output;
    this.info = info;
    try {
      refuseFilled(output);
      this.folder = new AtomicFolder(output);
    } catch (IOException e) {
      throw InputException.unwritable(output, e);
    }
  }

  /// Writes all frames of a source.
  public static Writers.Written write(FrameSource frames, Path output, Progress progress) {
    try (XycWriter writer = new XycWriter(output, frames.info())) {
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

  /// Writes one frame.
  public void add(Frame frame) {
    String name = String.format(Locale.ROOT, "frame%06d.txt", frames++);
    data(frame, folder.temporary().resolve(name));
    description(frame, info, folder.temporary().resolve(name + ".dsc"));
    hits += frame.size();
  }

  /// Gives the folder its name.
  public void finish() {
    try {
      folder.commit();
    } catch (IOException e) {
      throw InputException.unwritable(output, e);
    }
  }

  public long hits() {
    return hits;
  }

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
      if (frame.exposure() > 0) {
        out.text("\"Acq time\" (\"Acquisition time [s]\"):\ndouble[1]\n");
        out.number(frame.exposure() / 1e9, 6).text(" \n\n");
      }
      if (!info.chipId().isEmpty()) {
        out.text("\"ChipboardID\" (\"Medipix or chipboard ID\"):\n");
        out.text("uchar[" + info.chipId().length() + "]\n" + info.chipId() + "\n\n");
      }
      if (info.detector().equals("Timepix")) {
        out.text("\"Mpx type\" (\"Medipix type (1-2.1, 2-MXR, 3-TPX)\"):\ni32[1]\n3 \n\n");
      }
      if (frame.start() > 0) {
        out.text("\"Start time\" (\"Acquisition start time\"):\ndouble[1]\n");
        out.number(frame.start() / 1e9, 6).text(" \n\n");
      }
      out.commit();
    }
  }
}
