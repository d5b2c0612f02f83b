package org.pixelwake.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;

/// Removal of a run's folder.
final class RunFolders {
  private RunFolders() {}

  /// Whether a folder has nothing in it.
  static boolean empty(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.findAny().isEmpty();
    } catch (IOException e) {
      throw InputException.unreadable(folder, e);
    }
  }

  /// Deletes a folder that has nothing in it.
  static void deleteEmpty(Path folder) {
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
  static void delete(Path folder) {
    try {
      AtomicFolder.delete(folder);
    } catch (IOException e) {
      throw new InputException(folder, "cannot be removed: " + e, "Remove it by hand", e);
    }
  }
}
