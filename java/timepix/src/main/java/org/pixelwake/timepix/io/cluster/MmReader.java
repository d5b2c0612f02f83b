package org.pixelwake.timepix.io.cluster;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Sniffer;
import org.pixelwake.timepix.io.file.SourceOpener;

/// The clusters of an MM triplet, read from its file of hits. Clusters end at a line `#`; one
/// before the first cluster is passed. The counts of the `_cl.txt` are compared, and part the
/// clusters where the file of hits has no `#` at all.
final class MmReader extends ClusterText {
  /// The files of one MM triplet.
  ///
  /// @param px hits, `x y ToA energy` a line
  /// @param cl clusters, `firstToA hits line byte` a line; null where it is missing
  /// @param settings what the `.ini` says besides the two names
  record Triplet(FileTree.Entry px, FileTree.@Nullable Entry cl, Map<String, String> settings) {

    /// Finds the triplet that the file is one of.
    static Triplet of(FileTree tree, FileTree.Entry entry) {
      String name = entry.fileName();
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.endsWith("_px.txt") || lower.endsWith("_cl.txt")) {
        String stem = name.substring(0, name.length() - "_px.txt".length());
        FileTree.Entry ini = tree.beside(entry, stem + ".ini");
        if (ini != null && Sniffer.sniff(ini).format() == Format.MM) {
          return fromIni(tree, ini);
        }
        FileTree.Entry px =
            lower.endsWith("_px.txt") ? entry : tree.beside(entry, stem + "_px.txt");
        FileTree.Entry cl =
            lower.endsWith("_cl.txt") ? entry : tree.beside(entry, stem + "_cl.txt");
        if (px == null) {
          throw missing(entry, stem + "_px.txt");
        }
        return new Triplet(px, cl, Map.of());
      }
      return isIni(entry) ? fromIni(tree, entry) : new Triplet(entry, null, Map.of());
    }

    private static boolean isIni(FileTree.Entry entry) {
      try (ByteScanner in = ByteScanner.look(entry, "mm")) {
        return in.blank() == '[';
      }
    }

    private static Triplet fromIni(FileTree tree, FileTree.Entry ini) {
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
      return new Triplet(pxEntry, cl.isEmpty() ? null : tree.beside(ini, cl), settings);
    }

    private static InputException missing(FileTree.Entry entry, String file) {
      return new InputException(
          entry.display(),
          "the file of hits '" + file + "' that belongs to it is missing",
          "Put the three files .ini, _cl.txt and _px.txt into one folder");
    }
  }

  private static final int PROBE_HITS = 20_000;

  private final @Nullable ByteScanner cl;
  private final String clFile;
  private final boolean marks;
  private final double[] clRow = new double[4];
  private long expected;
  private long inCluster;
  private boolean ended;

  MmReader(Triplet files, int side, SourceOpener from) {
    super(files.px(), side, from);
    FileTree.Entry clusters = files.cl();
    this.cl = clusters == null ? null : new ByteScanner(clusters, tally);
    this.clFile = clusters == null ? "" : clusters.display();
    this.marks = look(files).marks;
    if (clusters == null) {
      tally.notice("no file of clusters (_cl.txt): clusters parted by the lines # alone");
    }
    expected = expect();
  }

  static Look look(Triplet files) {
    Look look = new Look();
    double[] v = new double[4];
    try (ByteScanner in = ByteScanner.look(files.px(), "mm")) {
      for (int hits = 0; hits < PROBE_HITS && in.peek() != ByteScanner.END; ) {
        if (in.blank() == '#') {
          in.skipLine();
          look.marks = true;
          look.cluster();
          continue;
        }
        int n = in.row(v, false);
        if (n == 4) {
          look.hit(v);
        }
        hits += n == 4 || n == ByteScanner.MALFORMED ? 1 : 0;
      }
    }
    return look;
  }

  @Override
  public @Nullable Cluster read() {
    while (!ended) {
      Cluster cluster = null;
      if (in.blank() == '#') {
        in.skipLine();
        cluster = inCluster > 0 ? finish() : null;
      } else {
        int count = in.row(row, false);
        if (count == ByteScanner.END) {
          ended = true;
          cluster = inCluster > 0 ? finish() : null;
          if (cl != null && expected > 0) {
            tally.malformed("clusters of _cl.txt without hits in _px.txt", clFile, cl.rowPlace());
          }
        } else if (count != 0) {
          inCluster++;
          hit(count, true);
          boolean whole = !marks && cl != null && inCluster == expected;
          cluster = whole || inCluster >= MAX_HITS ? finish() : null;
        }
      }
      if (cluster != null) {
        return cluster;
      }
    }
    return null;
  }

  private @Nullable Cluster finish() {
    if (cl != null && inCluster != expected) {
      tally.malformed("cluster whose hits are not as many as _cl.txt says", file, in.rowPlace());
    }
    inCluster = 0;
    expected = expect();
    return builder.size() > 0 ? builder.build(0) : null;
  }

  /// Hits of the next cluster as the `_cl.txt` says, 0 at its end.
  private long expect() {
    if (cl == null) {
      return 0;
    }
    int count = cl.data(clRow, "#");
    if (count == ByteScanner.END) {
      return 0;
    }
    if (count == 4 && clRow[1] >= 1 && clRow[1] < 1e9) {
      return (long) clRow[1];
    }
    tally.malformed("line that is not time, hits, line, byte", clFile, cl.rowPlace());
    return -1;
  }

  @Override
  public void close() {
    super.close();
    if (cl != null) {
      cl.close();
    }
  }
}
