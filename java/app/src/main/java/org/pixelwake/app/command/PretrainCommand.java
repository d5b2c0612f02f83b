package org.pixelwake.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.PretrainRun;
import org.pixelwake.app.RunDataset;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.MpiOptions;
import org.pixelwake.app.options.SettingOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.RunFolder;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.TrainingData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pixelwake pretrain`.
@Command(
    name = "pretrain",
    description = {
      "Trains an autoencoder on unlabelled clusters.",
      "",
      "DATA is a data set of `pixelwake dataset`, or detector files, which are clustered first. The"
          + " run's folder receives config.yaml, metrics.csv, TensorBoard events, checkpoints,"
          + " model.safetensors and report.html. Ctrl-C stops with a checkpoint; the same command"
          + " with --resume goes on from it to the same result, to the last bit.",
      "",
      "Settings come from a YAML file (--config), whose keys are the names of the options below, and"
          + " from the options, which win.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake pretrain tracks.parquet -o run --arch efficientnet_b4 --side 96",
      "  pixelwake pretrain tracks.parquet -o run --weights efficientnet_b4.pth --mask-fraction 0.5",
      "  pixelwake pretrain -o run --resume",
      "  mpirun -n 4 pixelwake pretrain tracks.parquet -o run --batch 128 --mpi"
    })
public final class PretrainCommand extends PixelwakeCommand {
  @Parameters(
      paramLabel = "DATA",
      arity = "0..*",
      description = "Data set (.parquet) or detector files.")
  private @Nullable List<Path> data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "RUN",
      defaultValue = "run",
      description = "Folder of the run.")
  private Path output = Path.of("run");

  @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML.")
  private @Nullable Path configFile;

  @Option(names = "--resume", description = "Go on with the run in the folder.")
  private boolean resume;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private MpiOptions mpi = new MpiOptions();
  @Mixin private SourceOptions source = new SourceOptions();
  private final SettingOptions settings = new SettingOptions(new PretrainConfig());

  @Spec
  void addSettings(CommandSpec command) {
    settings.addTo(command);
  }

  PretrainCommand() {}

  @Override
  public Integer call() {
    return mpi.run(console(), this::train);
  }

  private int train(MpiOptions.Ranks ranks) {
    RunFolder folder = new RunFolder(output);
    PretrainRun.Result result;
    try (ProgressLine line = new ProgressLine(ranks.console(), "training");
        Device opened = device.open(ranks)) {
      result = resume ? resumed(folder, opened, ranks, line) : started(folder, opened, ranks, line);
    }
    return PretrainRun.conclude(ranks.console(), folder, result);
  }

  private PretrainRun.Result started(
      RunFolder folder, Device opened, MpiOptions.Ranks ranks, ProgressLine line) {
    List<Path> inputs = data == null ? List.of() : data;
    Path yaml = configFile;
    PretrainConfig config = yaml == null ? new PretrainConfig() : PretrainConfig.readYaml(yaml);
    settings.applyTo(config);
    config.validate();
    ranks.group().share(config.batch);
    ranks.leadFirst(() -> RunDataset.prepare("pretrain", folder, inputs, source, ranks, line));
    Path dataset = RunDataset.path(folder, inputs);
    TrainingData loaded = TrainingData.load(dataset, config, ranks.interrupt().cancelling(line));
    if (ranks.lead()) {
      save(folder, config);
    }
    try (Pretraining run = Pretraining.start(opened, config, loaded, output, ranks.group())) {
      return session(folder, config, loaded, run, opened, ranks, line);
    }
  }

  private PretrainRun.Result resumed(
      RunFolder folder, Device opened, MpiOptions.Ranks ranks, ProgressLine line) {
    RunDataset.refuseOthers(data != null || configFile != null || settings.any());
    Pretraining.Resumable from = Pretraining.resumable(output);
    TrainingData loaded =
        TrainingData.load(from.dataset(), from.config(), ranks.interrupt().cancelling(line));
    ranks.console().notice(String.format(Locale.ROOT, "resuming after step %d", from.step()));
    try (Pretraining run =
        Pretraining.resume(opened, from.config(), loaded, output, ranks.group())) {
      return session(folder, from.config(), loaded, run, opened, ranks, line);
    }
  }

  private static PretrainRun.Result session(
      RunFolder folder,
      PretrainConfig config,
      TrainingData data,
      Pretraining run,
      Device opened,
      MpiOptions.Ranks ranks,
      ProgressLine line) {
    if (ranks.lead()) {
      return PretrainRun.run(
          ranks.console(), folder, config, data, run, opened, ranks.interrupt(), line, null);
    }
    Pretraining.Outcome outcome = run.run(Pretraining.Listener.NONE, ranks.interrupt()::requested);
    return new PretrainRun.Result(outcome.finished(), outcome.step(), null, 0);
  }

  static void save(RunFolder folder, RunConfig config) {
    try {
      AtomicFile.write(folder.config(), config.toYaml());
    } catch (IOException e) {
      throw InputException.unwritable(folder.config(), e);
    }
  }
}
