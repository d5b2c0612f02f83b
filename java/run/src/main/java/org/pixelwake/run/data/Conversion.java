package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.Writers;

/// Writes detector data in another format: what `convert` and `cluster` share.
///
/// @param inputs what to read
/// @param output file to write; a folder where there are several inputs, except for a data set,
///   which takes all
/// @param target format to write
/// @param options how to read
/// @param properties facts to keep in a data set
/// @param force whether files may be replaced
public record Conversion(
    List<Path> inputs,
    Path output,
    OutputFormat target,
    ClusterOptions options,
    Map<String, String> properties,
    boolean force) {

  /// A file that was written.
  ///
  /// @param file its name
  /// @param amounts how much is in it, for people
  /// @param reports what was left out of each input
  public record Written(Path file, String amounts, List<ClusterReport> reports) {}

  /// Writes all files, each of which appears under its name when it is whole.
  ///
  /// @param written hears of each file
  /// @throws InputException where an output exists and may not be replaced, or an input cannot be
  ///   read or written in the format
  public void run(Progress progress, Consumer<Written> written) {
    if (target.format() == null) {
      Outputs.check(List.of(output), inputs, force);
      written.accept(dataset(progress));
    } else {
      files(progress, target.format(), written);
    }
  }

  private Written dataset(Progress progress) {
    try (DatasetBuilder maker = DatasetBuilder.create(output, Version.CURRENT, properties)) {
      List<ClusterReport> reports = new ArrayList<>();
      for (Path input : inputs) {
        reports.add(maker.add(input, options, progress));
      }
      return new Written(output, amounts(maker.finish()), reports);
    }
  }

  private void files(Progress progress, Format format, Consumer<Written> written) {
    Map<Path, Path> outputs = outputs();
    for (Path to : outputs.values()) {
      Outputs.check(target.files(to), inputs, force);
    }
    outputs.forEach((from, to) -> {
      Writers.Written one = Writers.convert(from, options, format, to, progress);
      written.accept(
          new Written(
              to, amounts(one.frames(), one.clusters(), one.hits()), List.of(one.report())));
    });
  }

  /// Returns how much is in a data set, for people.
  public static String amounts(DatasetStatistics written) {
    return amounts(0, written.clusters(), written.hits());
  }

  /// Returns how much is in a file, for people; frames and clusters where there are any.
  static String amounts(long frames, long clusters, long hits) {
    return (frames > 0 ? Texts.count(frames) + " frames, " : "")
        + (clusters > 0 ? Texts.count(clusters) + " clusters, " : "")
        + Texts.count(hits)
        + " hits";
  }

  /// Output of each input, in their order.
  private Map<Path, Path> outputs() {
    Map<Path, Path> outputs = new LinkedHashMap<>();
    if (inputs.size() == 1) {
      outputs.put(inputs.getFirst(), output);
      return outputs;
    }
    RunFolders.create(output);
    Map<Path, Path> taken = new HashMap<>();
    for (Path input : inputs) {
      Path to = output.resolve(Outputs.stem(input) + target.extension());
      Path other = taken.putIfAbsent(to, input);
      if (other != null) {
        throw new InputException(
            input, "would be written to " + to + " as " + other + " is", "Convert them one by one");
      }
      outputs.put(input, to);
    }
    return outputs;
  }
}
