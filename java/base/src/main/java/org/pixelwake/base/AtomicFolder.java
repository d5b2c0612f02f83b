package org.pixelwake.base;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder that appears under its name when it is whole.
///
/// It is filled under another name beside its place; [#commit] renames it. A folder of that name
/// that exists makes way in the same moment and is removed afterwards. Closed before [#commit],
/// nothing remains of it. Files in it are as durable as their writers make them: [AtomicFile]
/// forces them to the disk.
public final class AtomicFolder implements AutoCloseable {
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f-]{36}\\.tmp");

  private final Path target;
  private final Path temporary;
  private boolean ended;

  /// Makes the folder to fill.
  ///
  /// @param target the name that the folder will have
  /// @throws IOException where it cannot be made
  public AtomicFolder(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    this.temporary = beside(this.target);
    Files.createDirectories(temporary);
  }

  /// Returns the folder to fill until [#commit].
  public Path temporary() {
    return temporary;
  }

  /// Gives the folder its name.
  ///
  /// @throws IOException where the file system cannot rename it in one step
  public void commit() throws IOException {
    // A folder that is there cannot be renamed over: it makes way first and is removed after.
    Path old = null;
    if (Files.exists(target)) {
      old = beside(target);
      rename(target, old);
    }
    try {
      rename(temporary, target);
    } catch (IOException e) {
      if (old != null) {
        rename(old, target);
      }
      throw e;
    }
    ended = true;
    if (old != null) {
      delete(old);
    }
  }

  /// Removes what was written, unless [#commit] was called.
  @Override
  public void close() throws IOException {
    if (!ended) {
      ended = true;
      delete(temporary);
    }
  }

  /// Returns a name beside a path that nothing has. It begins with a point, so that listings leave
  /// it out.
  static Path beside(Path path) {
    return path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + ".tmp");
  }

  /// Returns whether a name is that of a file or folder that an [AtomicFile] or [AtomicFolder] was
  /// still writing: where its program was killed, it is left behind.
  public static boolean isTemporary(Path path) {
    return TEMPORARY.matcher(String.valueOf(path.getFileName())).matches();
  }

  /// Renames in one step, and forces the rename to the disk.
  static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot rename in one step", e);
    }
    Path parent = Objects.requireNonNull(to.getParent());
    // A channel closes itself where the thread was interrupted, as it is after Ctrl-C.
    boolean interrupted = Thread.interrupted();
    try (FileChannel folder = FileChannel.open(parent, StandardOpenOption.READ)) {
      folder.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Deletes a file, or a folder with all that is in it; links are removed, not followed. Does
  /// nothing where there is none.
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }
}
