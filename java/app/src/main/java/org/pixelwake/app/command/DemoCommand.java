package org.pixelwake.app.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.app.Main;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.report.section.Metric;
import org.pixelwake.run.Host;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.RunInput;
import org.pixelwake.run.TrainingRun;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pixelwake demo`.
@Command(
    name = "demo",
    description = {
      "The whole way on a sample that comes with Pixelwake: frames of a Timepix detector under a"
          + " strontium-90 source become clusters, a data set, a trained autoencoder, reconstructions"
          + " of clusters it has never seen, and a report. A few minutes on a laptop.",
      "",
      "Exit code 1 where the reconstructions miss their goals.",
      ""
    })
public final class DemoCommand extends PixelwakeCommand {
  private static final String SAMPLE = "sr90-sample.zip";
  private static final String PRESET = "preset.yaml";
  private static final RunReports.Goals GOALS = new RunReports.Goals(0.95, 0.90, 0.1);

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      defaultValue = "demo",
      description = "Folder of the run.")
  private Path output = Path.of("demo");

  @Option(names = "--force", description = "Replace a demo that is there.")
  private boolean force;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    RunFolder folder = new RunFolder(output);
    Path sample = output.resolve(SAMPLE);
    if (folder.used()) {
      if (!force || !Files.exists(sample)) {
        throw new InputException(
            output,
            "holds a run already",
            "Choose another folder with -o, or replace an earlier demo with --force");
      }
      RunFolders.delete(output);
    }
    RunFolders.create(output);
    unpack(SAMPLE, sample);
    Path preset = output.resolve(PRESET);
    unpack(PRESET, preset);
    return host(host -> {
      try (Device opened = device.open(console())) {
        host.notice("1. clustering " + sample + " (Sr-90 electrons, CERN@school, MIT licence)");
        dataset(folder, sample, host);
        host.notice("2. pretraining");
        TrainingRun run = new TrainingRun(host, opened, folder).titled("demo").heldTo(GOALS);
        TrainingRun.Result result =
            run.start(
                RunConfig.readYaml(preset, PretrainConfig.class), RunInput.of(folder.dataset()));
        host.notice("3. report");
        return run.conclude(result) ? verdict(result) : ExitCode.INTERRUPTED;
      }
    });
  }

  private static void dataset(RunFolder folder, Path sample, Host host) {
    try (Host.Shown line = host.progress("demo")) {
      new RunInput(List.of(sample), ClusterOptions::defaults, Map.of("origin", "demo"))
          .make("demo", folder, host, line);
    }
  }

  private int verdict(TrainingRun.Result result) {
    if (!(result.outcome().evaluation() instanceof Evaluation.Metrics reached)) {
      throw new IllegalStateException("a finished run has been evaluated");
    }
    int code = ExitCode.OK;
    for (Metric metric : RunReports.metrics(reached, false, GOALS)) {
      Metric.Target target = metric.target();
      if (target != null) {
        boolean met = target.met(metric.value());
        code = met ? code : ExitCode.CHECK_FAILED;
        String words = met ? "goal reached" : "GOAL MISSED";
        out().printf(Locale.ROOT, "%-26s %.4f  %s%n", metric.name(), metric.value(), words);
      }
    }
    return code;
  }

  private static void unpack(String resource, Path to) {
    try (InputStream in = Main.class.getResourceAsStream("demo/" + resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing in the jar");
      }
      AtomicFile.write(to, in.readAllBytes());
    } catch (IOException e) {
      throw InputException.unwritable(to, e);
    }
  }
}
