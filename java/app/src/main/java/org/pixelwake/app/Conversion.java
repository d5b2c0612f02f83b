package org.pixelwake.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.app.options.OutputFormat;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Outputs;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.Texts;
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
/// @param source how to read
/// @param force whether files may be replaced
public record Conversion(
    List<Path> inputs, Path output, OutputFormat target, SourceOptions source, boolean force) {

  public void run(Console console, Progress progress) {
    if (target.format() == null) {
      dataset(console, progress);
    } else {
      files(console, progress, target.format());
    }
  }

  private void dataset(Console console, Progress progress) {
    Outputs.check(List.of(output), inputs, force);
    var options = source.read();
    try (DatasetBuilder maker =
        DatasetBuilder.create(output, Version.CURRENT, source.properties())) {
      List<ClusterReport> reports = new ArrayList<>();
      for (Path input : inputs) {
        reports.add(maker.add(input, options, progress));
      }
      DatasetStatistics written = maker.finish();
      console
          .out()
          .printf(
              "%s: %s clusters, %s hits%n",
              output, Texts.count(written.clusters()), Texts.count(written.hits()));
      reports.forEach(report -> SourceContents.printLeftOut(console.out(), report));
    }
  }

  private void files(Console console, Progress progress, Format format) {
    Map<Path, Path> outputs = outputs();
    for (Path to : outputs.values()) {
      Outputs.check(target.files(to), inputs, force);
    }
    var options = source.read();
    for (Map.Entry<Path, Path> one : outputs.entrySet()) {
      Writers.Written written =
          Writers.convert(one.getKey(), options, format, one.getValue(), progress);
      console.out().println(one.getValue() + ": " + amounts(written));
      SourceContents.printLeftOut(console.out(), written.report());
    }
  }

  private static String amounts(Writers.Written written) {
    return (written.frames() > 0 ? Texts.count(written.frames()) + " frames, " : "")
        + (written.clusters() > 0 ? Texts.count(written.clusters()) + " clusters, " : "")
        + Texts.count(written.hits())
        + " hits";
  }

  /// Output of each input, in their order.
  private Map<Path, Path> outputs() {
    Map<Path, Path> outputs = new LinkedHashMap<>();
    if (inputs.size() == 1) {
      outputs.put(inputs.getFirst(), output);
      return outputs;
    }
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new InputException(
          output,
          "is no folder and cannot be made one",
          "Name a folder for the outputs of several inputs",
          e);
    }
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
