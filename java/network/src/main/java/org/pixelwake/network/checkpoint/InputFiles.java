package org.pixelwake.network.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.pixelwake.base.InputException;

/// Opens files of the user's.
final class InputFiles {
  private InputFiles() {}

  /// Refuses what is missing or no regular file; a device or a pipe has no end to check lengths by.
  static void requireRegular(Path file) {
    if (Files.notExists(file)) {
      throw new InputException(file, "does not exist", "Check the path");
    }
    if (!Files.isRegularFile(file)) {
      String what = Files.isDirectory(file) ? "is a directory" : "is not a regular file";
      throw new InputException(file, what, "Give the checkpoint file itself");
    }
  }

  static MemorySegment map(Path file, Arena arena) {
    requireRegular(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /// The cause in brackets, as far as it says anything.
  static String reason(Exception cause) {
    String message = cause.getMessage();
    return " ("
        + (message == null ? cause.getClass().getSimpleName() : Printable.plain(message))
        + ")";
  }
}
