package org.pixelwake.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
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

  /// Whether a folder has nothing in it.
  public static boolean empty(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.findAny().isEmpty();
    } catch (IOException e) {
      throw InputException.unreadable(folder, e);
    }
  }

  /// Deletes a folder that has nothing in it.
  public static void deleteEmpty(Path folder) {
    if (!empty(folder)) {
      return;
    }
    try {
      Files.delete(folder);
    } catch (IOException e) {
      throw new InputException(folder, "cannot be removed: " + e, "Remove it by hand", e);
    }
  }

  /// Deletes a folder with all that is in it; links are removed, not followed.
  public static void delete(Path folder) {
    try {
      AtomicFolder.delete(folder);
    } catch (IOException e) {
      throw new InputException(folder, "cannot be removed: " + e, "Remove it by hand", e);
    }
  }
}
