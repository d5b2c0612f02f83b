package org.pixelwake.app;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.pixelwake.app.options.MpiOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Version;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.dataset.DatasetBuilder;

/// The data set of a training run: the one that was named, or one made of what was named in the
/// run's folder.
public final class RunDataset {
  private RunDataset() {}

  /// Makes the folder of a new run, and in it the data set where need be. Where that fails, the
  /// folder goes too, unless there is something in it.
  ///
  /// @param command that needs it, for messages
  /// @throws InputException where the folder holds a run
  public static void prepare(
      String command,
      RunFolder folder,
      List<Path> inputs,
      SourceOptions source,
      MpiOptions.Ranks ranks,
      ProgressLine line) {
    if (folder.used()) {
      throw new InputException(
          folder.path(),
          "holds a run already",
          "Go on with it through --resume, or choose another folder with -o");
    }
    RunFolders.create(folder.path());
    try {
      of(command, folder, inputs, source, ranks.console(), ranks.interrupt(), line);
    } catch (InputException | CancellationException e) {
      RunFolders.deleteEmpty(folder.path());
      throw e;
    }
  }

  /// A run that is resumed has its data and settings already.
  ///
  /// @param given whether there are others on the command line
  /// @throws InputException where there are
  public static void refuseOthers(boolean given) {
    if (given) {
      throw new InputException(
          "--resume",
          "goes on with the data and settings of the run",
          "Leave out DATA, --config and settings, or start another run");
    }
  }

  /// Where the data set of a run that is prepared lies.
  public static Path path(RunFolder folder, List<Path> inputs) {
    return named(inputs) ? inputs.getFirst() : folder.dataset();
  }

  private static boolean named(List<Path> inputs) {
    return inputs.size() == 1 && FileKind.of(inputs.getFirst()) == FileKind.DATASET;
  }

  /// The data set; makes it where need be.
  ///
  /// @param command that needs it, for messages
  public static Path of(
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
    if (named(inputs)) {
      return path(folder, inputs);
    }
    try (DatasetBuilder maker =
        DatasetBuilder.create(folder.dataset(), Version.CURRENT, source.properties())) {
      for (Path input : inputs) {
        if (FileKind.of(input) == FileKind.DATASET) {
          maker.add(input, interrupt.cancelling(line));
        } else {
          maker
              .add(input, source.read(), interrupt.cancelling(line))
              .notices()
              .forEach(console::notice);
        }
      }
      maker.finish();
    }
    return path(folder, inputs);
  }
}
