package org.pixelwake.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;

/// Making and removal of the folders of runs.
public final class RunFolders {
  private RunFolders() {}

  /// Makes a folder, and those above it, where it is not there.
  ///
  /// @throws InputException where it cannot be made
  public static void create(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InputException(
          folder, "cannot be made a folder: " + e, "Choose another with -o", e);
    }
  }

  /// A step of writing.
  @FunctionalInterface
  public interface Writing {
    void run() throws IOException;
  }

  /// Does a step of writing.
  ///
  /// @throws InputException where the file or folder cannot be written
  public static void writing(Path file, Writing step) {
    try {
      step.run();
    } catch (IOException | UncheckedIOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  /// Writes a text file, which appears whole.
  ///
  /// @throws InputException where it cannot be written
  public static void write(Path file, String text) {
    writing(file, () -> AtomicFile.write(file, text));
  }

  /// Returns whether a folder has nothing in it but a [FolderLock] and what a killed program was
  /// still writing: a start that was killed may be repeated.
  public static boolean empty(Path folder) {
    return children(folder).stream().allMatch(AtomicFolder::isTemporary);
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(child -> !FolderLock.is(child)).toList();
    } catch (IOException e) {
      throw InputException.unreadable(folder, e);
    }
  }

  /// Deletes a folder that has nothing in it.
  public static void deleteEmpty(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        Files.delete(folder);
      }
    } catch (DirectoryNotEmptyException e) {
      return;
    } catch (IOException e) {
      throw new InputException(folder, "cannot be removed: " + e, "Remove it by hand", e);
    }
  }

  /// Deletes all that is in a folder but a [FolderLock].
  public static void clear(Path folder) {
    children(folder).forEach(RunFolders::delete);
  }

  /// Deletes a file, or a folder with all that is in it; links are removed, not followed.
  public static void delete(Path folder) {
    try {
      AtomicFolder.delete(folder);
    } catch (IOException e) {
      throw new InputException(folder, "cannot be removed: " + e, "Remove it by hand", e);
    }
  }
}
