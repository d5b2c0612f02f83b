package org.pixelwake.app;

import java.nio.file.Path;
import java.util.List;
import org.pixelwake.engine.InputException;

/// The data set of a training run: the one that was named, or one made of what was named in the
/// run's folder.
final class RunDataset {
  private RunDataset() {}

  /// Makes it where need be.
  ///
  /// @param command that needs it, for messages
  static Path of(
      String command,
      RunFolder folder,
      List<Path> inputs,
      SourceOptions source,
      Console console,
      Interrupt interrupt,
      ProgressLine line) {
    if (inputs.isEmpty()) {
      throw new InputException(
          command, "DATA", "is missing", "Name a data set or detector files, or give --resume");
    }
    Path first = inputs.getFirst();
    if (inputs.size() == 1 && FileKind.of(first) == FileKind.DATASET) {
      return first;
    }
    try (DatasetMaker maker =
        new DatasetMaker(folder.dataset(), source.properties(), 1, Integer.MAX_VALUE)) {
      for (Path input : inputs) {
        if (FileKind.of(input) == FileKind.DATASET) {
          maker.addDataset(input, interrupt.cancelling(line));
        } else {
          maker
              .addSource(input, source.read(), interrupt.cancelling(line))
              .notices()
              .forEach(console::notice);
        }
      }
      maker.finish();
    }
    return folder.dataset();
  }
}
