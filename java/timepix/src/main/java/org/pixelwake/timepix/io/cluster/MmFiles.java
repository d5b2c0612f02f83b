package org.pixelwake.timepix.io.cluster;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Sniffer;

/// The files of one MM triplet.
///
/// @param px hits, `x y ToA energy` a line
/// @param cl clusters, `firstToA hits line byte` a line; null where it is missing
/// @param settings what the `.ini` says besides the two names
record MmFiles(FileTree.Entry px, FileTree.@Nullable Entry cl, Map<String, String> settings) {

  /// Finds the triplet that the file is one of.
  static MmFiles of(FileTree tree, FileTree.Entry entry) {
    String name = entry.fileName();
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith("_px.txt") || lower.endsWith("_cl.txt")) {
      String stem = name.substring(0, name.length() - "_px.txt".length());
      FileTree.Entry ini = tree.beside(entry, stem + ".ini");
      if (ini != null && Sniffer.sniff(ini).format() == Format.MM) {
        return fromIni(tree, ini);
      }
      FileTree.Entry px = lower.endsWith("_px.txt") ? entry : tree.beside(entry, stem + "_px.txt");
      FileTree.Entry cl = lower.endsWith("_cl.txt") ? entry : tree.beside(entry, stem + "_cl.txt");
      if (px == null) {
        throw missing(entry, stem + "_px.txt");
      }
      return new MmFiles(px, cl, Map.of());
    }
    return isIni(entry) ? fromIni(tree, entry) : new MmFiles(entry, null, Map.of());
  }

  private static boolean isIni(FileTree.Entry entry) {
    try (ByteScanner in = ByteScanner.look(entry, "mm")) {
      return in.blank() == '[';
    }
  }

  private static MmFiles fromIni(FileTree tree, FileTree.Entry ini) {
    Map<String, String> settings = new LinkedHashMap<>();
    String px = "";
    String cl = "";
    try (ByteScanner in = ByteScanner.look(ini, "mm")) {
      while (in.peek() != ByteScanner.END && settings.size() < 256) {
        String line = in.restOfLine();
        int equals = line.indexOf('=');
        if (equals < 0) {
          continue;
        }
        String key = line.substring(0, equals).strip();
        String value = line.substring(equals + 1).strip();
        switch (key.toLowerCase(Locale.ROOT)) {
          case "pxfile" -> px = value;
          case "clfile" -> cl = value;
          default -> settings.put(key, value);
        }
      }
    }
    FileTree.Entry pxEntry = px.isEmpty() ? null : tree.beside(ini, px);
    if (pxEntry == null) {
      throw missing(ini, px.isEmpty() ? "PxFile" : px);
    }
    return new MmFiles(pxEntry, cl.isEmpty() ? null : tree.beside(ini, cl), settings);
  }

  private static InputException missing(FileTree.Entry entry, String file) {
    return new InputException(
        entry.display(),
        "the file of hits '" + file + "' that belongs to it is missing",
        "Put the three files .ini, _cl.txt and _px.txt into one folder");
  }
}
