package org.pixelwake.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.dataset.DatasetBuilder;

/// The data of a run or an evaluation: a data set, or files of which one is made in its folder.
///
/// @param files a data set, or detector files and data sets that become one
/// @param options how detector files are read and clustered; asked for where there are some
/// @param properties facts to keep in a data set that is made
public record RunInput(
    List<Path> files, Supplier<ClusterOptions> options, Map<String, String> properties) {
  /// Returns a data set that is there.
  public static RunInput of(Path dataset) {
    return new RunInput(List.of(dataset), ClusterOptions::defaults, Map.of());
  }

  /// Returns where the data set lies, once it is made.
  Path dataset(RunFolder folder) {
    return ready() ? files.getFirst() : folder.dataset();
  }

  // Whether nothing has to be made.
  private boolean ready() {
    return files.size() == 1 && FileKind.of(files.getFirst()) == FileKind.DATASET;
  }

  /// Makes the data set where need be.
  ///
  /// @param command that needs it, for messages
  /// @return the data set
  /// @throws InputException where no file is named, or one cannot be read
  public Path make(String command, RunFolder folder, Host host, Progress progress) {
    if (files.isEmpty()) {
      throw new InputException(
          command, "DATA", "is missing", "Name a data set or detector files, or give --resume");
    }
    if (ready()) {
      return dataset(folder);
    }
    Progress line = host.cancelling(progress);
    try (DatasetBuilder maker =
        DatasetBuilder.create(folder.dataset(), Version.CURRENT, properties)) {
      for (Path file : files) {
        if (FileKind.of(file) == FileKind.DATASET) {
          maker.add(file, line);
        } else {
          maker.add(file, options.get(), line).notices().forEach(host::notice);
        }
      }
      maker.finish();
    }
    return folder.dataset();
  }

  /// Removes a data set that was made for a run that did not start.
  void discard(RunFolder folder) {
    if (!files.contains(folder.dataset()) && !files.isEmpty() && !ready()) {
      RunFolders.delete(folder.dataset());
    }
  }
}
