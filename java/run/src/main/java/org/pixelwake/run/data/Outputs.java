package org.pixelwake.run.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.pixelwake.base.InputException;
import org.pixelwake.run.RunFolders;
import org.pixelwake.timepix.dataset.Shards;

/// Checks of files about to be written, with one rule for what exists.
public final class Outputs {
  private Outputs() {}

  /// Refuses files that exist, unless they may be replaced, and in any case the inputs themselves.
  ///
  /// @throws InputException naming the first of them
  public static void check(List<Path> outputs, List<Path> inputs, boolean force) {
    for (Path output : outputs) {
      if (!Files.exists(output)) {
        continue;
      }
      if (inputs.stream().anyMatch(input -> same(output, input))) {
        throw new InputException(output, "is an input itself", "Write to another file");
      }
      if (Files.isDirectory(output)) {
        throw new InputException(output, "is a folder", "Name a file to write");
      }
      if (!force) {
        throw new InputException(output, "exists", "Name another file, or replace it with --force");
      }
    }
  }

  /// Refuses a folder of a data set that exists, unless it may be replaced, and in any case an
  /// input, a file and a folder that holds anything else.
  ///
  /// @throws InputException naming it
  public static void checkFolder(Path output, List<Path> inputs, boolean force) {
    if (!Files.exists(output)) {
      return;
    }
    Path folder = output.toAbsolutePath();
    if (inputs.stream()
        .anyMatch(in -> same(output, in) || in.toAbsolutePath().startsWith(folder))) {
      throw new InputException(output, "is an input itself", "Write to another folder");
    }
    if (!force) {
      throw new InputException(output, "exists", "Name another folder, or replace it with --force");
    }
    Shards.checkReplaceable(output);
  }

  /// Makes a folder and fills it. Where that fails and the folder was not there before, nothing
  /// remains of it.
  ///
  /// @param filling writes files to the folder
  public static <T> T fillFolder(Path folder, Supplier<T> filling) {
    boolean made = !Files.exists(folder);
    RunFolders.create(folder);
    try {
      return filling.get();
    } catch (RuntimeException | Error e) {
      if (made) {
        RunFolders.delete(folder);
      }
      throw e;
    }
  }

  private static boolean same(Path a, Path b) {
    try {
      return Files.exists(b) && Files.isSameFile(a, b);
    } catch (IOException e) {
      throw new InputException(
          a, "cannot be examined (" + e.getMessage() + ")", "Check the path", e);
    }
  }

  /// Name without its last extension (`data` of `data.t3pa`, `data` of `data.clog.gz`).
  public static String stem(Path path) {
    // The path of a folder may end in ".".
    Path name = path.toAbsolutePath().normalize().getFileName();
    String text = name == null ? "data" : name.toString();
    if (text.endsWith(".gz") && text.length() > 3) {
      text = text.substring(0, text.length() - 3);
    }
    int dot = text.lastIndexOf('.');
    return dot > 0 ? text.substring(0, dot) : text;
  }
}
