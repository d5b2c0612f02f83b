package org.pixelwake.network.checkpoint;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Replaces a file so that a reader, or a machine that loses power, sees the old one or the new
/// one.
final class AtomicFile {
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /// Writes beside `target`, forces the bytes to the disk, renames, and forces the rename.
  ///
  /// A stream, not a channel: a channel closes itself when the thread was interrupted, and the
  /// checkpoint written on Ctrl-C is written by an interrupted thread.
  static void write(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path directory = absolute.getParent();
    if (directory == null || Files.isDirectory(absolute)) {
      throw new IOException("it is a directory");
    }
    Path temporary =
        directory.resolve(
            "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    Files.deleteIfExists(temporary);
    Files.createFile(temporary);
    boolean done = false;
    try {
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        content.writeTo(out);
        out.getFD().sync();
      }
      Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
      done = true;
    } finally {
      if (!done) {
        Files.deleteIfExists(temporary);
      }
    }
    boolean interrupted = Thread.interrupted();
    try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
      entry.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
