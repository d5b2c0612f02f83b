package org.pixelwake.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.pixelwake.engine.InputException;

/// Removal of a run's folder.
final class RunFolders {
  private RunFolders() {}

  /// Whether a folder has nothing in it.
  static boolean empty(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.findAny().isEmpty();
    } catch (IOException e) {
      throw new InputException(
          folder.toString(), "", "cannot be read: " + e, "Check its permissions", e);
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
      throw new InputException(
          folder.toString(), "", "cannot be removed: " + e, "Remove it by hand", e);
    }
  }

  /// Deletes a folder with all that is in it; links are removed, not followed.
  static void delete(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new InputException(
          folder.toString(), "", "cannot be removed: " + e, "Remove it by hand", e);
    }
  }
}
