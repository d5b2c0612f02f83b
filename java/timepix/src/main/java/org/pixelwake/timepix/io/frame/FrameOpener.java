package org.pixelwake.timepix.io.frame;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Opens frames.
public final class FrameOpener extends SourceOpener {
  public static final String MASK_FILE = "masked_pixels.txt";

  private static final Pattern TIMES = Pattern.compile("(?i)\\bToA\\b");

  public FrameOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    DscFile dsc = DscFile.beside(tree, files.get(0), tally);
    int width = dsc.width() > 0 ? dsc.width() : SIDE;
    int height = dsc.height() > 0 ? dsc.height() : SIDE;
    if (dsc.width() == 0 && format == Format.MATRIX) {
      width = columns(files.get(0));
      height = width;
    }
    if (width > 2 * SIDE || height > 2 * SIDE) {
      throw new InputException(
          shown,
          "the sensor is " + width + " x " + height + " pixels",
          "Sensors of up to 512 x 512 pixels are supported");
    }
    SourceInfo info =
        info(
            format,
            dsc.detector(),
            dsc.settings().getOrDefault("ChipboardID", ""),
            width,
            height,
            false,
            EnergyUnit.TOT,
            dsc.settings());
    Map<String, PixelMask> masks = folderMasks(files);
    FrameColumns columns = new FrameColumns();
    return new FrameFiles(this, files, info, file -> reader(file, format, info, masks, columns));
  }

  private FrameReader reader(
      FileTree.Entry file,
      Format format,
      SourceInfo info,
      Map<String, PixelMask> folderMasks,
      FrameColumns columns) {
    DscFile dsc = DscFile.beside(tree, file, tally);
    String chip = dsc.settings().getOrDefault("ChipboardID", "");
    if (!chip.isEmpty() && !chip.equals(info.chipId())) {
      tally.notice("frames of more than one chip: " + info.chipId() + ", " + chip);
    }
    if (TIMES.matcher(dsc.settings().getOrDefault("Frame name", "")).find()) {
      throw new InputException(
          file.display(),
          "its frames hold times of arrival ('Frame name' in its .dsc), not energies",
          "Read the frames of ToT alone; hits with both are in a .t3pa");
    }
    PixelFilter filter = filter();
    for (var mask : folderMasks.entrySet()) {
      if (file.name().startsWith(mask.getKey())) {
        filter = filter.with(mask.getValue());
      }
    }
    var context = new FrameReader.Context(dsc, info.width(), info.height(), columns, filter, tally);
    return switch (format) {
      case MATRIX -> new FrameReader.Matrix(file, context);
      case PBF -> new BinaryFrameReader(tree, file, context);
      default -> new FrameReader.Xyc(file, context);
    };
  }

  private int columns(FileTree.Entry file) {
    Tally own = new Tally(file.display(), "matrix", 1);
    try (ByteScanner in = new ByteScanner(file, own)) {
      double[] none = new double[0];
      int count = in.row(none, false);
      for (int i = 0; i < 1000 && count == 0; i++) {
        count = in.row(none, false);
      }
      return count == 2 * SIDE ? count : SIDE;
    }
  }

  private Map<String, PixelMask> folderMasks(List<FileTree.Entry> files) {
    Map<String, PixelMask> masks = new LinkedHashMap<>();
    if (!options.maskFromSource()) {
      return masks;
    }
    List<FileTree.Entry> found = new ArrayList<>();
    FileTree.Entry beside = tree.single() ? tree.beside(files.get(0), MASK_FILE) : null;
    if (beside != null) {
      found.add(beside);
    }
    for (FileTree.Entry entry : tree.entries()) {
      if (!tree.single() && entry.fileName().equalsIgnoreCase(MASK_FILE)) {
        found.add(entry);
      }
    }
    for (FileTree.Entry entry : found) {
      PixelMask mask = mask(entry);
      if (mask.count() > 0) {
        masks.put(entry.folder(), mask);
        tally.notice(mask.count() + " masked pixels of " + entry.display());
      }
    }
    return masks;
  }

  private static PixelMask mask(FileTree.Entry entry) {
    try (InputStream in = entry.open()) {
      return PixelMask.read(in, entry.display());
    } catch (IOException e) {
      throw InputException.unreadable(entry.display(), e);
    }
  }
}
