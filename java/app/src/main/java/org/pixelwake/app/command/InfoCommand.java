package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.CheckpointContents;
import org.pixelwake.app.terminal.Contents;
import org.pixelwake.app.terminal.DatasetContents;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.SourceSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake info`.
@Command(
    name = "info",
    description = {
      "Says what is in a file.",
      "",
      "Detector data (Pixelman frames and cluster logs, Pixet .t3pa, raw .tpx3, MM triplets,"
          + " folders and zips of them, gzip too): detector, frames, hits, clusters, energies,"
          + " sizes, and every kind of record that was skipped with the place of the first."
          + " Data sets (.parquet) and checkpoints (.safetensors, .pth) likewise.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake info data.t3pa",
      "  pixelwake info frames.zip --calibration calibration/ --json",
      "  pixelwake info run/checkpoint.safetensors"
    })
public final class InfoCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files, folders or zips; each is described by itself.")
  private @Nullable List<Path> files;

  @Option(
      names = "--json",
      description = "Print JSON: an object for one file, an array for several.")
  private boolean json;

  @Mixin private SourceOptions source = new SourceOptions();

  @Override
  public Integer call() {
    ClusterOptions options = source.read();
    List<Path> all = given(files);
    List<Contents> contents = new ArrayList<>();
    List<InputException> refused = new ArrayList<>();
    for (Path file : all) {
      try {
        Contents one = read(file, options);
        contents.add(one);
        if (!json) {
          if (contents.size() > 1) {
            out().println();
          }
          one.print(console());
        }
      } catch (InputException e) {
        if (all.size() == 1) {
          throw e;
        }
        // The other files are described all the same.
        refused.add(e);
        console().notice("pixelwake: " + e.getMessage());
      }
    }
    if (json) {
      List<ObjectNode> nodes = contents.stream().map(Contents::json).toList();
      JsonNode printed = all.size() == 1 ? nodes.getFirst() : JsonOutput.array().addAll(nodes);
      out().println(JsonOutput.text(printed));
    }
    return refused.isEmpty() ? ExitCode.OK : ExitCode.USER_ERROR;
  }

  private Contents read(Path file, ClusterOptions options) {
    return switch (FileKind.of(file, options)) {
      case DATASET -> DatasetContents.read(file);
      case CHECKPOINT -> CheckpointContents.read(file);
      case DETECTOR ->
          work(
              "reading " + file.getFileName(),
              progress -> new SourceContents(SourceSummary.of(file, options, progress)));
    };
  }
}
