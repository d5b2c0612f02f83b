package org.pixelwake.timepix.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.cluster.ClusterOpener;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Sniffer;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.io.frame.DscFile;
import org.pixelwake.timepix.io.frame.FrameOpener;
import org.pixelwake.timepix.io.hit.HitOpener;

/// Opens files, folders and zip archives of detector data.
public final class HitSources {
  private final String shown;
  private final FileTree tree;
  private final OpenOptions options;
  private final List<FileTree.Entry> unknown = new ArrayList<>();
  private final List<FileTree.Entry> empty = new ArrayList<>();
  private final List<FileTree.Entry> roots = new ArrayList<>();
  private String description = "nothing";

  private HitSources(Path path, FileTree tree, OpenOptions options) {
    this.shown = path.toString();
    this.tree = tree;
    this.options = options;
  }

  /// Opens a source. A folder or zip is read as one: all its files of one format, in natural order
  /// of their names (data9 before data10). What belongs to them (`.dsc`, `masked_pixels.txt`, the
  /// other files of an MM triplet) is found by itself. Any text file may be compressed with gzip.
  ///
  /// @return a [FrameSource], an [EventSource] or a [ClusterSource], by the kind of the format
  /// @throws InputException where the path holds nothing that can be read, or files of several
  ///   formats
  public static HitSource open(Path path, OpenOptions options) {
    FileTree tree = FileTree.open(path);
    try {
      return new HitSources(path, tree, options).open();
    } catch (RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private HitSource open() {
    if (tree.entries().isEmpty()) {
      throw new InputException(shown, "holds no file", "Name a folder or zip with data");
    }
    Map<Format, List<FileTree.Entry>> found = tree.single() ? sniffOne() : sniffAll();
    Format format = choose(found);
    List<FileTree.Entry> files = new ArrayList<>(found.getOrDefault(format, List.of()));
    if (format.kind() == Format.Kind.FRAMES) {
      files.addAll(empty);
      files.sort(FileTree.NATURAL);
      empty.clear();
    }
    Tally tally = new Tally(shown, format.id(), options.tolerance());
    unknown.forEach(file -> tally.ignored("file of no known format", file.display(), ""));
    empty.forEach(file -> tally.ignored("empty file", file.display(), ""));
    SourceOpener opener =
        switch (format.kind()) {
          case FRAMES -> new FrameOpener(shown, tree, options, tally);
          case HITS -> new HitOpener(shown, tree, options, tally);
          case CLUSTERS -> new ClusterOpener(shown, tree, options, tally);
        };
    return opener.open(format, files);
  }

  private Map<Format, List<FileTree.Entry>> sniffOne() {
    FileTree.Entry entry = tree.entries().get(0);
    Sniffer.Found found = look(entry);
    Format format = options.format().orElse(found.format());
    if (found.empty()) {
      if (described(entry) || (format != null && format.kind() == Format.Kind.FRAMES)) {
        return Map.of(format == null ? Format.XYC : format, List.of(entry));
      }
      throw new InputException(
          shown,
          "is empty",
          "An empty file counts as an empty frame only with its .dsc beside it or --format xyc");
    }
    description = found.description();
    if (description.equals(Sniffer.ROOT)) {
      throw root(shown);
    }
    return format == null ? Map.of() : Map.of(format, List.of(entry));
  }

  private boolean described(FileTree.Entry entry) {
    return tree.beside(entry, entry.fileName() + ".dsc") != null;
  }

  private Map<Format, List<FileTree.Entry>> sniffAll() {
    Map<Format, List<FileTree.Entry>> found = new EnumMap<>(Format.class);
    for (FileTree.Entry entry : tree.entries()) {
      if (companion(entry)) {
        continue;
      }
      Sniffer.Found look = look(entry);
      Format format = look.format();
      if (look.empty()) {
        empty.add(entry);
      } else if (format != null) {
        found.computeIfAbsent(format, key -> new ArrayList<>()).add(entry);
      } else {
        unknown.add(entry);
        if (look.description().equals(Sniffer.ROOT)) {
          roots.add(entry);
        }
      }
    }
    return found;
  }

  /// Raw numbers do not tell what they are: their `.dsc` does.
  private Sniffer.Found look(FileTree.Entry entry) {
    Sniffer.Found found = Sniffer.sniff(entry);
    boolean numbers = found.binary() && DscFile.ofBinary(tree, entry);
    return numbers ? new Sniffer.Found(Format.PBF, false, true, "binary frames") : found;
  }

  private Format choose(Map<Format, List<FileTree.Entry>> found) {
    if (options.format().isPresent()) {
      Format forced = options.format().get();
      boolean emptyFrames = forced.kind() == Format.Kind.FRAMES && !empty.isEmpty();
      if (!found.containsKey(forced) && !emptyFrames) {
        throw nothing("holds no file of the format " + forced.id());
      }
      return forced;
    }
    if (found.isEmpty()) {
      if (empty.stream().anyMatch(this::described)) {
        return Format.XYC;
      }
      if (!roots.isEmpty()) {
        throw root(roots.get(0).display());
      }
      throw nothing(
          tree.single()
              ? "is of no known format: it holds " + description
              : "holds no file of a known format");
    }
    if (found.size() > 1) {
      String list =
          found.entrySet().stream()
              .map(one -> one.getKey().id() + " (" + one.getValue().size() + ")")
              .collect(Collectors.joining(", "));
      throw new InputException(
          shown, "holds files of several formats: " + list, "Choose one with --format");
    }
    return found.keySet().iterator().next();
  }

  /// No well-kept reader of ROOT files runs on the JVM.
  private static InputException root(String file) {
    return new InputException(
        file,
        "is a ROOT file, which Pixelwake does not read",
        "Export the clusters as text _sim.txt (a line ParticleType=11,Size=2,Energy=1.5,"
            + "Theta=0.2,Phi=1.1 with MeV and radians, -1 for unknown, then a line x y ToA[ns]"
            + " energy[keV] a hit), for example with uproot: for e in"
            + " uproot.open(FILE)['clusteredData'].arrays(): PixX, PixY and countervalue_keV hold"
            + " the hits, primaryEnergy_keV, theta_deg and phi_deg the particle, in keV and degrees");
  }

  private InputException nothing(String problem) {
    return new InputException(
        shown, problem, "Pixelwake reads " + Format.ids() + "; --format forces one");
  }

  /// Whether the file describes others and is no data itself.
  private static boolean companion(FileTree.Entry entry) {
    String name = entry.fileName().toLowerCase(Locale.ROOT);
    return Stream.of(".dsc", ".idx", ".md", ".json", ".info").anyMatch(name::endsWith)
        || name.startsWith(".")
        || name.startsWith("readme")
        || name.equals(FrameOpener.MASK_FILE)
        || name.equals("timewalk_parameters.txt")
        || entry.name().contains("__MACOSX/");
  }
}
