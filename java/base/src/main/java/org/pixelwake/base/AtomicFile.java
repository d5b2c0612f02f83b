package org.pixelwake.base;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that appears under its name when it is whole: a reader, or a machine that loses power,
/// sees the old content or the new, never a part.
///
/// The content is written to a file of another name in the same folder, forced to the disk, and
/// renamed; then the rename is forced to the disk. Closed before [#commit], nothing remains of it.
/// Folders on the way are made. A file system that cannot rename in one step is refused.
public final class AtomicFile implements AutoCloseable {
  /// Writes the content of a file.
  @FunctionalInterface
  public interface Content {
    /// Writes all of it; the stream is not buffered, and is closed by the caller.
    void writeTo(OutputStream out) throws IOException;
  }

  private final Path target;
  private final Path temporary;
  private boolean ended;

  /// Prepares a file; one of that name that exists stays as it is until [#commit].
  ///
  /// @param target the name that the file will have
  /// @throws IOException where its folder cannot be made, or it is a folder
  public AtomicFile(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    Path folder = this.target.getParent();
    if (folder == null || Files.isDirectory(this.target)) {
      throw new IOException("it is a folder");
    }
    // A link to a folder is one, but not for createDirectories.
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    this.temporary = AtomicFolder.beside(this.target);
  }

  /// Writes a file.
  ///
  /// @throws IOException where it cannot be written; then nothing has changed
  public static void write(Path target, Content content) throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      // A stream, not a channel: a channel closes itself when the thread was interrupted, and the
      // checkpoint written on Ctrl-C is written by an interrupted thread.
      try (FileOutputStream out = new FileOutputStream(file.temporary.toFile())) {
        content.writeTo(out);
      }
      file.commit();
    }
  }

  /// Writes a file of bytes.
  ///
  /// @throws IOException where it cannot be written; then nothing has changed
  public static void write(Path target, byte[] content) throws IOException {
    write(target, out -> out.write(content));
  }

  /// Writes a text in UTF-8.
  ///
  /// @throws IOException where it cannot be written; then nothing has changed
  public static void write(Path target, String content) throws IOException {
    write(target, content.getBytes(StandardCharsets.UTF_8));
  }

  /// Returns the file to write to until [#commit]; it does not exist yet.
  public Path temporary() {
    return temporary;
  }

  /// Gives the file its name. Its writer must have closed it.
  ///
  /// @throws IOException where the disk does not take it; then nothing has changed
  public void commit() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw")) {
      file.getFD().sync();
    }
    AtomicFolder.rename(temporary, target);
    ended = true;
  }

  /// Removes what was written, unless [#commit] was called.
  @Override
  public void close() throws IOException {
    if (!ended) {
      ended = true;
      Files.deleteIfExists(temporary);
    }
  }
}
