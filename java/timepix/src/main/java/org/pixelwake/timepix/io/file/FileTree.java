package org.pixelwake.timepix.io.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// The files behind a path: the file itself, the files of a folder, or the entries of a zip, in
/// natural order of their names. Any of them may be compressed with gzip.
public final class FileTree implements AutoCloseable {
  private static final int GZIP_MAGIC = 0x8b1f;

  /// One file. Its name is relative to the tree, with `/`, and without `.gz`.
  public record Entry(String name, String display, long size, Opener opener) {
    /// Opens the content, unpacked where it is gzip.
    public InputStream open() {
      try {
        return unpacked(new BufferedInputStream(opener.open(), 1 << 16));
      } catch (IOException e) {
        throw InputException.unreadable(display, e);
      }
    }

    /// Name without folders.
    public String fileName() {
      return name.substring(name.lastIndexOf('/') + 1);
    }

    /// Folder part of the name with its `/`, or empty.
    public String folder() {
      return name.substring(0, name.lastIndexOf('/') + 1);
    }
  }

  @FunctionalInterface
  public interface Opener {
    InputStream open() throws IOException;
  }

  private final List<Entry> entries;
  private final Map<String, Entry> byName;
  private final @Nullable Path parent;
  private final @Nullable ZipFile zip;

  private FileTree(List<Entry> entries, @Nullable Path parent, @Nullable ZipFile zip) {
    this.entries = List.copyOf(entries);
    this.parent = parent;
    this.zip = zip;
    byName = new HashMap<>();
    for (Entry entry : entries) {
      byName.put(entry.name(), entry);
    }
  }

  public static FileTree open(Path path) {
    String shown = path.toString();
    if (!Files.exists(path)) {
      throw new InputException(shown, "does not exist", "Check the path");
    }
    try {
      if (Files.isDirectory(path)) {
        return folder(path);
      }
      if (!Files.isRegularFile(path)) {
        throw new InputException(
            shown, "is neither a file nor a folder", "Copy the data to a file first");
      }
      return isZip(path) ? archive(path) : single(path);
    } catch (IOException | UncheckedIOException e) {
      throw InputException.unreadable(shown, e);
    }
  }

  public List<Entry> entries() {
    return entries;
  }

  /// Whether the user named one plain file.
  public boolean single() {
    return parent != null;
  }

  /// The file of this name in the folder of the given one, if there is one.
  public @Nullable Entry beside(Entry entry, String fileName) {
    Entry known = byName.get(entry.folder() + fileName);
    if (known != null || parent == null) {
      return known;
    }
    try {
      for (String suffix : new String[] {"", ".gz"}) {
        Path path = parent.resolve(fileName + suffix);
        if (Files.isRegularFile(path)) {
          return entry(path, fileName);
        }
      }
      return null;
    } catch (IOException | java.nio.file.InvalidPathException e) {
      return null;
    }
  }

  @Override
  public void close() {
    if (zip != null) {
      try {
        zip.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean isZip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] head = in.readNBytes(4);
      return head.length == 4
          && head[0] == 'P'
          && head[1] == 'K'
          && ((head[2] == 3 && head[3] == 4) || (head[2] == 5 && head[3] == 6));
    }
  }

  private static FileTree single(Path path) throws IOException {
    Path name = path.getFileName();
    Entry entry = entry(path, plain(name == null ? "" : name.toString()));
    Path parent = path.toAbsolutePath().getParent();
    return new FileTree(List.of(entry), parent == null ? Path.of("/") : parent, null);
  }

  private static Entry entry(Path path, String name) throws IOException {
    return new Entry(name, path.toString(), Files.size(path), () -> Files.newInputStream(path));
  }

  private static FileTree folder(Path path) throws IOException {
    Path root = path.toRealPath();
    List<Entry> found = new ArrayList<>();
    List<Path> files;
    try (var walk = Files.walk(root)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String relative = root.relativize(file).toString().replace('\\', '/');
      found.add(
          new Entry(
              plain(relative),
              path.resolve(relative).toString(),
              Files.size(file),
              () -> Files.newInputStream(file)));
    }
    found.sort(Comparator.comparing(Entry::name, FileTree::natural));
    return new FileTree(found, null, null);
  }

  private static FileTree archive(Path path) throws IOException {
    ZipFile zip = new ZipFile(path.toFile());
    List<Entry> found = new ArrayList<>();
    for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
      ZipEntry item = e.nextElement();
      if (!item.isDirectory()) {
        found.add(
            new Entry(
                plain(item.getName()),
                path + "!" + item.getName(),
                item.getSize(),
                () -> content(zip, item)));
      }
    }
    found.sort(Comparator.comparing(Entry::name, FileTree::natural));
    return new FileTree(found, null, zip);
  }

  private static InputStream content(ZipFile zip, ZipEntry item) throws IOException {
    InputStream in = zip.getInputStream(item);
    if (in == null) {
      throw new IOException("the entry is gone");
    }
    return in;
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".gz")
        ? name.substring(0, name.length() - 3)
        : name;
  }

  private static InputStream unpacked(BufferedInputStream in) throws IOException {
    in.mark(2);
    int magic = in.read() | in.read() << 8;
    in.reset();
    return magic == GZIP_MAGIC ? new GZIPInputStream(in, 1 << 16) : in;
  }

  /// Order of names with runs of digits compared as numbers: data9 before data10.
  public static int natural(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (digit(a.charAt(i)) && digit(b.charAt(j))) {
        int endA = digits(a, i);
        int endB = digits(b, j);
        String numberA = a.substring(i, endA).replaceFirst("^0+(?=.)", "");
        String numberB = b.substring(j, endB).replaceFirst("^0+(?=.)", "");
        int order =
            numberA.length() != numberB.length()
                ? Integer.compare(numberA.length(), numberB.length())
                : numberA.compareTo(numberB);
        if (order != 0) {
          return order;
        }
        i = endA;
        j = endB;
      } else {
        int order = Character.compare(a.charAt(i++), b.charAt(j++));
        if (order != 0) {
          return order;
        }
      }
    }
    int order = Integer.compare(a.length() - i, b.length() - j);
    return order != 0 ? order : a.compareTo(b);
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int digits(String s, int from) {
    int end = from;
    while (end < s.length() && digit(s.charAt(end))) {
      end++;
    }
    return end;
  }
}
