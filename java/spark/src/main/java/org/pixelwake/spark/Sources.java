package org.pixelwake.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;

/// The sources of a job. Each is opened as the command line opens it when it is given alone.
final class Sources {
  /// Files that belong to others and are read with them.
  private static final List<String> COMPANIONS =
      List.of(".dsc", ".idx", "_cl.txt", "_px.txt", "masked_pixels.txt");

  private Sources() {}

  /// A file is a source; of a folder, each file and each folder in it, by their names, without
  /// hidden ones and those that belong to another file.
  ///
  /// @throws InputException where there is none
  static List<Path> of(List<Path> inputs) {
    List<Path> sources = new ArrayList<>();
    for (Path input : inputs) {
      if (Files.isDirectory(input)) {
        sources.addAll(list(input));
      } else if (Files.exists(input)) {
        sources.add(input);
      } else {
        throw new InputException(input, "it does not exist", "Check the path");
      }
    }
    if (sources.isEmpty()) {
      throw new InputException(
          inputs.getFirst(), "no source is in it", "Name a folder of raw files");
    }
    return sources;
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Sources::apart).sorted().toList();
    } catch (IOException e) {
      throw InputException.unreadable(folder, e);
    }
  }

  private static boolean apart(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && COMPANIONS.stream().noneMatch(name::endsWith);
  }
}
