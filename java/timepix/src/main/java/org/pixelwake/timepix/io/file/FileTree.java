package org.pixelwake.timepix.io.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// The files behind a path: the file itself, the files of a folder, or the entries of a zip, in
/// natural order of their names. Any of them may be compressed with gzip.
public final class FileTree implements AutoCloseable {
  /// Order by name with runs of digits compared as numbers: data9 before data10.
  public static final Comparator<Entry> NATURAL =
      Comparator.comparing(FileTree::padded).thenComparing(Entry::name);

  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int ZIP_MAGIC = 0x504B0304;
  private static final int EMPTY_ZIP_MAGIC = 0x504B0506;
  private static final int LONGEST_NUMBER = 64;
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /// One file. Its name is relative to the tree, with `/`, and without `.gz`.
  public record Entry(String name, String display, long size, Opener opener) {
    /// Opens the content, unpacked where it is gzip.
    public InputStream open() {
      try {
        BufferedInputStream in = new BufferedInputStream(opener.open(), 1 << 16);
        in.mark(2);
        int magic = in.read() | in.read() << 8;
        in.reset();
        return magic == GZIP_MAGIC ? new GZIPInputStream(in, 1 << 16) : in;
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
  interface Opener {
    InputStream open() throws IOException;
  }

  private final List<Entry> entries;
  private final Map<String, Entry> byName = new HashMap<>();
  private final @Nullable Path parent;
  private final @Nullable ZipFile zip;

  private FileTree(List<Entry> found, @Nullable Path parent, @Nullable ZipFile zip) {
    this.entries = found.stream().sorted(NATURAL).toList();
    this.parent = parent;
    this.zip = zip;
    entries.forEach(entry -> byName.put(entry.name(), entry));
  }

  public static FileTree open(Path path) {
    if (!Files.exists(path)) {
      throw new InputException(path, "does not exist", "Check the path");
    }
    try {
      if (Files.isDirectory(path)) {
        return new FileTree(folder(path), null, null);
      }
      if (!Files.isRegularFile(path)) {
        throw new InputException(
            path, "is neither a file nor a folder", "Copy the data to a file first");
      }
      if (isZip(path)) {
        return archive(path);
      }
      Entry entry = entry(plain(String.valueOf(path.getFileName())), path.toString(), path);
      Path parent = Objects.requireNonNull(path.toAbsolutePath().getParent());
      return new FileTree(List.of(entry), parent, null);
    } catch (IOException | UncheckedIOException e) {
      throw InputException.unreadable(path, e);
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
      for (String suffix : List.of("", ".gz")) {
        Path path = parent.resolve(fileName + suffix);
        if (Files.isRegularFile(path)) {
          return entry(fileName, path.toString(), path);
        }
      }
      return null;
    } catch (IOException | InvalidPathException e) {
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
      byte[] head = in.readNBytes(Integer.BYTES);
      int magic = head.length < Integer.BYTES ? 0 : ByteBuffer.wrap(head).getInt();
      return magic == ZIP_MAGIC || magic == EMPTY_ZIP_MAGIC;
    }
  }

  private static List<Entry> folder(Path path) throws IOException {
    Path root = path.toRealPath();
    List<Path> files;
    try (var walk = Files.walk(root)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    List<Entry> found = new ArrayList<>();
    for (Path file : files) {
      String relative = root.relativize(file).toString().replace('\\', '/');
      found.add(entry(plain(relative), path.resolve(relative).toString(), file));
    }
    return found;
  }

  private static FileTree archive(Path path) throws IOException {
    ZipFile zip = new ZipFile(path.toFile());
    List<Entry> found = new ArrayList<>();
    zip.stream()
        .filter(item -> !item.isDirectory())
        .forEach(item -> {
          String name = item.getName();
          Opener opener = () -> Objects.requireNonNull(zip.getInputStream(item));
          found.add(new Entry(plain(name), path + "!" + name, item.getSize(), opener));
        });
    return new FileTree(found, null, zip);
  }

  private static Entry entry(String name, String display, Path file) throws IOException {
    return new Entry(name, display, Files.size(file), () -> Files.newInputStream(file));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".gz")
        ? name.substring(0, name.length() - 3)
        : name;
  }

  private static String padded(Entry entry) {
    return DIGITS
        .matcher(entry.name())
        .replaceAll(
            run -> "0".repeat(Math.max(0, LONGEST_NUMBER - run.end() + run.start())) + "$0");
  }
}
