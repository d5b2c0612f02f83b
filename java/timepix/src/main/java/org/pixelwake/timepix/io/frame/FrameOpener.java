package org.pixelwake.timepix.io.frame;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Opens frames.
public final class FrameOpener extends SourceOpener {
  public static final String MASK_FILE = "masked_pixels.txt";

  private static final String CHIP = "ChipboardID";
  private static final Pattern TIMES = Pattern.compile("(?i)\\bToA\\b");

  public FrameOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    DscFile dsc = DscFile.beside(tree, files.get(0), tally);
    int width = dsc.width > 0 ? dsc.width : SIDE;
    int height = dsc.height > 0 ? dsc.height : SIDE;
    if (dsc.width == 0 && format == Format.MATRIX) {
      width = columns(files.get(0));
      height = width;
    }
    if (width > 2 * SIDE || height > 2 * SIDE) {
      throw new InputException(
          shown,
          "the sensor is " + width + " x " + height + " pixels",
          "Sensors of up to 512 x 512 pixels are supported");
    }
    String chip = dsc.settings.getOrDefault(CHIP, "");
    SourceInfo info =
        info(format, dsc.detector, chip, width, height, false, EnergyUnit.TOT, dsc.settings);
    Map<String, PixelMask> masks = folderMasks(files);
    return new Frames(this, files, info, file -> reader(file, format, info, masks));
  }

  /// Frames of one or several files of one format, in the order of the files.
  private static final class Frames extends AbstractFiles<FrameReader> implements FrameSource {
    Frames(
        SourceOpener from,
        List<FileTree.Entry> files,
        SourceInfo info,
        Function<FileTree.Entry, FrameReader> opener) {
      super(from, files, info, opener);
    }

    @Override
    public @Nullable Frame next() {
      for (FrameReader reader = reader(); reader != null; reader = reader()) {
        Frame frame = reader.read();
        if (frame != null) {
          tally.frames++;
          tally.exposure += frame.exposure();
          tally.hits += frame.size();
          tally.emptyFrames += frame.size() == 0 ? 1 : 0;
          return frame;
        }
        done();
      }
      return null;
    }
  }

  private FrameReader reader(
      FileTree.Entry file, Format format, SourceInfo info, Map<String, PixelMask> folderMasks) {
    DscFile dsc = DscFile.beside(tree, file, tally);
    String chip = dsc.settings.getOrDefault(CHIP, "");
    if (!chip.isEmpty() && !chip.equals(info.chipId())) {
      tally.notice("frames of more than one chip: " + info.chipId() + ", " + chip);
    }
    if (TIMES.matcher(dsc.settings.getOrDefault("Frame name", "")).find()) {
      throw new InputException(
          file.display(),
          "its frames hold times of arrival ('Frame name' in its .dsc), not energies",
          "Read the frames of ToT alone; hits with both are in a .t3pa");
    }
    PixelMask mask = PixelMask.none();
    for (var more : folderMasks.entrySet()) {
      mask = file.name().startsWith(more.getKey()) ? mask.and(more.getValue()) : mask;
    }
    var context = new FrameReader.Context(dsc, info.width(), info.height(), filter(mask), tally);
    return switch (format) {
      case MATRIX -> new FrameReader.Matrix(file, context);
      case PBF -> new BinaryFrameReader(tree, file, context);
      default -> new FrameReader.Xyc(file, context);
    };
  }

  private static int columns(FileTree.Entry file) {
    try (ByteScanner in = ByteScanner.look(file, "matrix")) {
      int count = 0;
      for (int i = 0; i <= 1000 && count == 0; i++) {
        count = in.row(new double[0], false);
      }
      return count == 2 * SIDE ? count : SIDE;
    }
  }

  /// The masked pixels that lie beside the frames, by their folder.
  private Map<String, PixelMask> folderMasks(List<FileTree.Entry> files) {
    Map<String, PixelMask> masks = new LinkedHashMap<>();
    if (!options.maskFromSource()) {
      return masks;
    }
    List<FileTree.Entry> found =
        tree.single()
            ? Stream.ofNullable(tree.beside(files.get(0), MASK_FILE)).toList()
            : tree.entries().stream()
                .filter(entry -> entry.fileName().equalsIgnoreCase(MASK_FILE))
                .toList();
    for (FileTree.Entry entry : found) {
      try (InputStream in = entry.open()) {
        PixelMask mask = PixelMask.read(in, entry.display());
        if (mask.count() > 0) {
          masks.put(entry.folder(), mask);
          tally.notice(mask.count() + " masked pixels of " + entry.display());
        }
      } catch (IOException e) {
        throw InputException.unreadable(entry.display(), e);
      }
    }
    return masks;
  }
}
