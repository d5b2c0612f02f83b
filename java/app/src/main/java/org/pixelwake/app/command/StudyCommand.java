package org.pixelwake.app.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.FolderLock;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.study.Study;
import org.pixelwake.run.study.StudyFolder;
import org.pixelwake.run.study.StudyPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake study`.
@Command(
    name = "study",
    description = {
      "The whole study in one command: data, pretrainings, finetunings with several seeds, baselines,"
          + " maps of feature vectors, and one report that says which statements held.",
      "",
      "PLAN is a YAML file; --preset takes one that comes with Pixelwake: cpu-small for two processor"
          + " cores, gpu-full for EfficientNet-B4 on images of 384 x 384 pixels. The same command"
          + " goes on with a study that was interrupted, by Ctrl-C or otherwise; what is done is not"
          + " done again.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake study --preset cpu-small -o study",
      "  pixelwake study --print-preset cpu-small > mine.yaml",
      "  pixelwake study mine.yaml -o mine"
    })
public final class StudyCommand extends PixelwakeCommand {
  @Parameters(paramLabel = "PLAN", arity = "0..1", description = "Study as YAML.")
  private @Nullable Path file;

  @Option(names = "--preset", paramLabel = "NAME", description = "A study of Pixelwake's.")
  private @Nullable String preset;

  @Option(names = "--print-preset", paramLabel = "NAME", description = "Print it and end.")
  private @Nullable String printed;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      defaultValue = "study",
      description = "Folder of the study.")
  private Path output = Path.of("study");

  @Option(names = "--report", description = "Make the report anew of what is there, and end.")
  private boolean reportOnly;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    if (printed != null) {
      out().print(StudyPlan.presetText(printed));
      return ExitCode.OK;
    }
    StudyFolder folder = new StudyFolder(output);
    String source = file == null ? "--preset " + preset : file.toString();
    String text = text(folder);
    StudyPlan plan = StudyPlan.parse(source, text);
    boolean finished =
        host(host -> {
          try (FolderLock _ = reportOnly ? null : FolderLock.take(output, host);
              Device opened = device.open(console())) {
            // Another one may have begun before this one had the folder.
            check(folder, text);
            if (!Files.exists(folder.plan())) {
              RunFolders.write(folder.plan(), text);
            }
            Study study = new Study(host, folder, plan, opened);
            boolean done = reportOnly || study.run();
            if (done) {
              study.report();
            }
            return done;
          }
        });
    if (!finished) {
      console()
          .notice(
              "stopped; the same command goes on from here: pixelwake study "
                  + source
                  + " -o "
                  + output);
      return ExitCode.INTERRUPTED;
    }
    out().println("report: " + folder.report());
    return ExitCode.OK;
  }

  private String text(StudyFolder folder) {
    if (file != null && preset != null || file == null && preset == null) {
      throw new InputException(
          "study",
          file == null ? "no study is named" : "both a file and a preset are named",
          "Name a YAML file, or a preset with --preset");
    }
    String text =
        file == null ? StudyPlan.presetText(String.valueOf(preset)) : StudyPlan.text(file);
    check(folder, text);
    return text;
  }

  // Refuses a folder that holds another study, or other files.
  private void check(StudyFolder folder, String text) {
    boolean begun = Files.exists(folder.plan());
    if (begun && !StudyPlan.text(folder.plan()).equals(text)) {
      throw new InputException(
          output.toString(),
          "study.yaml",
          "is of another study than the one given",
          "Choose another folder with -o, or give that file to go on with it");
    }
    if (!begun && Files.isDirectory(output) && !RunFolders.empty(output)) {
      throw new InputException(output, "holds other files", "Choose another folder with -o");
    }
  }
}
