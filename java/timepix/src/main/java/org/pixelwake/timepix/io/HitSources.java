package org.pixelwake.timepix.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.engine.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.calibration.Calibration;
import org.pixelwake.timepix.calibration.PixelMask;

/// Opens files, folders and zip archives of detector data.
public final class HitSources {
  static final String MASK_FILE = "masked_pixels.txt";
  private static final int SIDE = 256;
  private static final int PROBED_FILES = 4;

  private HitSources() {}

  /// Opens a source. A folder or zip is read as one: all its files of one format, in natural order
  /// of their names (data9 before data10). What belongs to them (`.dsc`, `masked_pixels.txt`, the
  /// other files of an MM triplet) is found by itself. Any text file may be compressed with gzip.
  ///
  /// @return a [FrameSource], an [EventSource] or a [ClusterSource], by the kind of the format
  /// @throws InputException where the path holds nothing that can be read, or files of several
  ///   formats
  public static HitSource open(Path path, OpenOptions options) {
    Tree tree = Tree.open(path);
    try {
      return new Opening(path, tree, options).open();
    } catch (RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private static final class Opening {
    private final String shown;
    private final Tree tree;
    private final OpenOptions options;
    private final List<Tree.Entry> unknown = new ArrayList<>();
    private final List<Tree.Entry> empty = new ArrayList<>();
    private String description = "nothing";

    Opening(Path path, Tree tree, OpenOptions options) {
      this.shown = path.toString();
      this.tree = tree;
      this.options = options;
    }

    HitSource open() {
      if (tree.entries().isEmpty()) {
        throw new InputException(shown, "", "holds no file", "Name a folder or zip with data");
      }
      Map<Format, List<Tree.Entry>> found = tree.single() ? sniffOne() : sniffAll();
      Format format = choose(found);
      List<Tree.Entry> files = new ArrayList<>(found.getOrDefault(format, List.of()));
      if (format.kind() == Format.Kind.FRAMES) {
        files.addAll(empty);
        files.sort((a, b) -> Tree.natural(a.name(), b.name()));
        empty.clear();
      }
      Tally tally = new Tally(shown, format.id(), options.tolerance());
      for (Tree.Entry entry : unknown) {
        tally.ignored("file of no known format", entry.display(), "");
      }
      for (Tree.Entry entry : empty) {
        tally.ignored("empty file", entry.display(), "");
      }
      return switch (format.kind()) {
        case FRAMES -> frames(format, files, tally);
        case HITS -> events(format, files, tally);
        case CLUSTERS -> clusters(format, files, tally);
      };
    }

    private Map<Format, List<Tree.Entry>> sniffOne() {
      Tree.Entry entry = tree.entries().get(0);
      Sniffer.Found found = Sniffer.sniff(entry);
      boolean described = tree.beside(entry, entry.fileName() + ".dsc") != null;
      Format format = options.format().orElse(found.format());
      if (found.empty()) {
        if (described || (format != null && format.kind() == Format.Kind.FRAMES)) {
          return Map.of(format == null ? Format.XYC : format, List.of(entry));
        }
        throw new InputException(
            shown,
            "",
            "is empty",
            "An empty file counts as an empty frame only with its .dsc beside it or --format xyc");
      }
      description = found.description();
      return format == null ? Map.of() : Map.of(format, List.of(entry));
    }

    private Map<Format, List<Tree.Entry>> sniffAll() {
      Map<Format, List<Tree.Entry>> found = new EnumMap<>(Format.class);
      for (Tree.Entry entry : tree.entries()) {
        if (companion(entry)) {
          continue;
        }
        Sniffer.Found look = Sniffer.sniff(entry);
        Format format = look.format();
        if (look.empty()) {
          empty.add(entry);
        } else if (format == null) {
          unknown.add(entry);
        } else {
          found.computeIfAbsent(format, key -> new ArrayList<>()).add(entry);
        }
      }
      return found;
    }

    private Format choose(Map<Format, List<Tree.Entry>> found) {
      if (options.format().isPresent()) {
        Format forced = options.format().get();
        if (!found.containsKey(forced) && !onlyEmptyFrames(forced)) {
          throw nothing("holds no file of the format " + forced.id());
        }
        return forced;
      }
      if (found.isEmpty()) {
        boolean described =
            empty.stream().anyMatch(e -> tree.beside(e, e.fileName() + ".dsc") != null);
        if (described) {
          return Format.XYC;
        }
        throw nothing(
            tree.single()
                ? "is of no known format: it holds " + description
                : "holds no file of a known format");
      }
      if (found.size() > 1) {
        StringBuilder list = new StringBuilder();
        found.forEach((format, files) ->
            list.append(list.isEmpty() ? "" : ", ")
                .append(format.id())
                .append(" (")
                .append(files.size())
                .append(")"));
        throw new InputException(
            shown, "", "holds files of several formats: " + list, "Choose one with --format");
      }
      return found.keySet().iterator().next();
    }

    private boolean onlyEmptyFrames(Format forced) {
      return forced.kind() == Format.Kind.FRAMES && !empty.isEmpty();
    }

    private InputException nothing(String problem) {
      return new InputException(
          shown,
          "",
          problem,
          "Pixelwake reads xyc, matrix, clog, t3pa, burda, tpx3 and mm; --format forces one");
    }

    private HitSource frames(Format format, List<Tree.Entry> files, Tally tally) {
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
            "",
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
      return new FrameFiles(
          tree, files, format, info, filter(tally), folderMasks(files, tally), tally);
    }

    private int columns(Tree.Entry file) {
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

    private Map<String, PixelMask> folderMasks(List<Tree.Entry> files, Tally tally) {
      Map<String, PixelMask> masks = new LinkedHashMap<>();
      if (!options.maskFromSource()) {
        return masks;
      }
      List<Tree.Entry> found = new ArrayList<>();
      Tree.Entry beside = tree.single() ? tree.beside(files.get(0), MASK_FILE) : null;
      if (beside != null) {
        found.add(beside);
      }
      for (Tree.Entry entry : tree.entries()) {
        if (!tree.single() && entry.fileName().equalsIgnoreCase(MASK_FILE)) {
          found.add(entry);
        }
      }
      for (Tree.Entry entry : found) {
        PixelMask mask = mask(entry);
        if (mask.count() > 0) {
          masks.put(entry.folder(), mask);
          tally.notice(mask.count() + " masked pixels of " + entry.display());
        }
      }
      return masks;
    }

    private static PixelMask mask(Tree.Entry entry) {
      try (InputStream in = entry.open()) {
        return PixelMask.read(in, entry.display());
      } catch (IOException e) {
        throw new InputException(
            entry.display(), "", "cannot be read", "Check that it is whole", e);
      }
    }

    private HitSource events(Format format, List<Tree.Entry> files, Tally tally) {
      boolean quad = options.layout() == Layout.QUAD;
      Map<Tree.Entry, T3paReader.Shape> shapes = new LinkedHashMap<>();
      for (Tree.Entry file : files.subList(0, Math.min(PROBED_FILES, files.size()))) {
        boolean second;
        if (format == Format.TPX3) {
          second = Tpx3Reader.probeQuad(file);
        } else {
          T3paReader.Shape shape = T3paReader.shape(file, format);
          shapes.put(file, shape);
          second = shape.quad();
          if (second) {
            tally.notice("pixels are numbered beyond 256 x 256: read as a quad of 512 x 512");
          }
        }
        quad |= second && options.layout() == Layout.AUTO;
      }
      int side = quad ? 2 * SIDE : SIDE;
      SourceInfo info = info(format, "Timepix3", "", side, side, true, EnergyUnit.TOT, Map.of());
      PixelFilter filter = filter(tally);
      boolean four = quad;
      return new EventFiles(
          tree,
          files,
          info,
          tally,
          file ->
              format == Format.TPX3
                  ? new Tpx3Reader(file, four, options.columnPhase(), options.tdc(), filter, tally)
                  : new T3paReader(
                      file,
                      shapes.computeIfAbsent(file, f -> T3paReader.shape(f, format)),
                      four,
                      filter,
                      tally));
    }

    private HitSource clusters(Format format, List<Tree.Entry> files, Tally tally) {
      return format == Format.CLOG ? clog(files, tally) : mm(files, tally);
    }

    private HitSource clog(List<Tree.Entry> files, Tally tally) {
      ClogReader.Probe probe = ClogReader.probe(files.get(0));
      if (probe.counted()) {
        tally.notice("the fourth value of the hits is a number of counts, not a time: not used");
      }
      int side = probe.quad() ? 2 * SIDE : SIDE;
      SourceInfo info =
          info(
              Format.CLOG,
              probe.timed() ? "Timepix3" : "unknown",
              "",
              side,
              side,
              probe.timed(),
              probe.whole() ? EnergyUnit.TOT : EnergyUnit.KEV,
              Map.of());
      PixelFilter filter = filter(tally);
      return new ClusterFiles(
          tree,
          files,
          info,
          tally,
          file -> new ClogReader(file, side, probe.timed(), filter, tally));
    }

    private HitSource mm(List<Tree.Entry> files, Tally tally) {
      Map<String, MmFiles> triplets = new LinkedHashMap<>();
      for (Tree.Entry file : files) {
        MmFiles triplet = MmFiles.of(tree, file);
        MmFiles known = triplets.get(triplet.px().display());
        if (known == null || known.settings().isEmpty()) {
          triplets.put(triplet.px().display(), triplet);
        }
      }
      Map<Tree.Entry, MmFiles> byHits = new LinkedHashMap<>();
      triplets.values().forEach(triplet -> byHits.put(triplet.px(), triplet));
      MmFiles first = triplets.values().iterator().next();
      MmReader.Probe probe = MmReader.probe(first);
      int side = probe.quad() ? 2 * SIDE : SIDE;
      SourceInfo info =
          info(
              Format.MM,
              probe.timed() ? "Timepix3" : "unknown",
              "",
              side,
              side,
              probe.timed(),
              probe.whole() ? EnergyUnit.TOT : EnergyUnit.KEV,
              first.settings());
      PixelFilter filter = filter(tally);
      return new ClusterFiles(
          tree,
          List.copyOf(byHits.keySet()),
          info,
          tally,
          file -> {
            MmFiles triplet = byHits.get(file);
            if (triplet == null) {
              throw new IllegalStateException(file.display());
            }
            return new MmReader(triplet, side, MmReader.probe(triplet), filter, tally);
          });
    }

    private PixelFilter filter(Tally tally) {
      return new PixelFilter(options.mask(), options.calibration(), tally);
    }

    private SourceInfo info(
        Format format,
        String detector,
        String chip,
        int width,
        int height,
        boolean timed,
        EnergyUnit unit,
        Map<String, String> metadata) {
      Calibration calibration = options.calibration();
      if (calibration == null) {
        return new SourceInfo(
            shown, format.id(), detector, chip, width, height, timed, unit, metadata);
      }
      if (unit == EnergyUnit.KEV) {
        throw new InputException(
            shown, "", "its energies are in keV already", "Leave out the calibration");
      }
      if (calibration.width() != width || calibration.height() != height) {
        throw new InputException(
            calibration.name(),
            "",
            "is of "
                + calibration.width()
                + " x "
                + calibration.height()
                + " pixels, the source of "
                + width
                + " x "
                + height,
            "Give the calibration of the same sensor");
      }
      Map<String, String> more = new LinkedHashMap<>(metadata);
      more.put("Calibration", calibration.name());
      return new SourceInfo(
          shown,
          format.id(),
          detector,
          chip,
          width,
          height,
          timed,
          EnergyUnit.KEV,
          Collections.unmodifiableMap(more));
    }
  }

  /// Whether the file describes others and is no data itself.
  private static boolean companion(Tree.Entry entry) {
    String name = entry.fileName().toLowerCase(Locale.ROOT);
    String[] ends = {".dsc", ".idx", ".md", ".json", ".info"};
    for (String end : ends) {
      if (name.endsWith(end)) {
        return true;
      }
    }
    return name.startsWith(".")
        || name.startsWith("readme")
        || name.equals(MASK_FILE)
        || name.equals("timewalk_parameters.txt")
        || entry.name().contains("__MACOSX/");
  }
}
