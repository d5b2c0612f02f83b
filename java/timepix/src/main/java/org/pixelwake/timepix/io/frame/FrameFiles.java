package org.pixelwake.timepix.io.frame;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Frames of one or several files of one format, in the order of the files.
final class FrameFiles extends AbstractFiles<FrameReader> implements FrameSource {
  private static final Pattern TIMES = Pattern.compile("(?i)\\bToA\\b");

  private final Format format;
  private final PixelFilter filter;
  private final Map<String, PixelMask> folderMasks;
  private final FrameColumns columns = new FrameColumns();

  FrameFiles(
      FileTree tree,
      List<FileTree.Entry> files,
      Format format,
      SourceInfo info,
      PixelFilter filter,
      Map<String, PixelMask> folderMasks,
      Tally tally) {
    super(tree, files, info, tally);
    this.format = format;
    this.filter = filter;
    this.folderMasks = folderMasks;
  }

  @Override
  public FrameReader open(FileTree.Entry file) {
    DscFile dsc = DscFile.beside(tree, file, tally);
    String chip = dsc.settings().getOrDefault("ChipboardID", "");
    if (!chip.isEmpty() && !chip.equals(info().chipId())) {
      tally.notice("frames of more than one chip: " + info().chipId() + ", " + chip);
    }
    if (TIMES.matcher(dsc.settings().getOrDefault("Frame name", "")).find()) {
      throw new InputException(
          file.display(),
          "its frames hold times of arrival ('Frame name' in its .dsc), not energies",
          "Read the frames of ToT alone; hits with both are in a .t3pa");
    }
    PixelFilter own = filter;
    for (var mask : folderMasks.entrySet()) {
      if (file.name().startsWith(mask.getKey())) {
        own = own.with(mask.getValue());
      }
    }
    int width = info().width();
    int height = info().height();
    return switch (format) {
      case MATRIX -> new FrameReader.Matrix(file, dsc, width, height, columns, own, tally);
      case PBF -> new BinaryFrameReader(tree, file, dsc, width, height, columns, own, tally);
      default -> new FrameReader.Xyc(file, dsc, width, height, columns, own, tally);
    };
  }

  @Override
  public @Nullable Frame next() {
    for (FrameReader reader = reader(); reader != null; reader = reader()) {
      Frame frame = reader.read();
      if (frame != null) {
        tally.frames++;
        tally.exposure += frame.exposure();
        tally.hits += frame.size();
        if (frame.size() == 0) {
          tally.emptyFrames++;
        }
        return frame;
      }
      done();
    }
    return null;
  }
}
