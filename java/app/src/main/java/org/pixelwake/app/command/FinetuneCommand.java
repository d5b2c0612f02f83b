package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.FinetuneRun;
import org.pixelwake.app.RunDataset;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.MpiOptions;
import org.pixelwake.app.options.SettingOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Finetuning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pixelwake finetune`.
@Command(
    name = "finetune",
    description = {
      "Trains an encoder, pretrained or new, to tell the classes of labelled clusters and to measure"
          + " energies and angles.",
      "",
      "DATA is a data set of `pixelwake dataset` or `pixelwake simulate`, or detector files, which"
          + " are clustered first. Classes are the particles of the truth (--labels particle) or the"
          + " files that the clusters come from (--labels source --classes"
          + " \"sr90=*sr90*,am241=*am241*\"). The run's folder receives config.yaml, metrics.csv,"
          + " TensorBoard events, checkpoints, model.safetensors, report.html and, at the end, model"
          + " with all that belongs to the network. Ctrl-C stops with a checkpoint; the same command"
          + " with --resume goes on from it to the same result, to the last bit.",
      "",
      "Settings come from a YAML file (--config), whose keys are the names of the options below, and"
          + " from the options, which win. Of --model the encoder, its architecture and the"
          + " normalisation of the images are taken.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake finetune labelled.parquet -o run --model pretrained --classes electron,proton",
      "  pixelwake finetune labelled.parquet -o run --model pretrained --frozen true",
      "  pixelwake finetune tracks.parquet -o run --labels none --targets primary_energy_mev,theta_deg",
      "  pixelwake finetune -o run --resume",
      "  mpirun -n 4 pixelwake finetune labelled.parquet -o run --batch 128 --mpi"
    })
public final class FinetuneCommand extends PixelwakeCommand {
  @Parameters(
      paramLabel = "DATA",
      arity = "0..*",
      description = "Data set (.parquet) or detector files.")
  private @Nullable List<Path> data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "RUN",
      defaultValue = "finetuned",
      description = "Folder of the run.")
  private Path output = Path.of("finetuned");

  @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML.")
  private @Nullable Path configFile;

  @Option(names = "--resume", description = "Go on with the run in the folder.")
  private boolean resume;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private MpiOptions mpi = new MpiOptions();
  @Mixin private SourceOptions source = new SourceOptions();
  private final SettingOptions settings = new SettingOptions(new FinetuneConfig());

  @Spec
  void addSettings(CommandSpec command) {
    settings.addTo(command);
  }

  FinetuneCommand() {}

  @Override
  public Integer call() {
    return mpi.run(console(), this::train);
  }

  private int train(MpiOptions.Ranks ranks) {
    RunFolder folder = new RunFolder(output);
    try (ProgressLine line = new ProgressLine(ranks.console(), "finetuning");
        Device opened = device.open(ranks)) {
      return resume ? resumed(folder, opened, ranks, line) : started(folder, opened, ranks, line);
    }
  }

  private int started(RunFolder folder, Device opened, MpiOptions.Ranks ranks, ProgressLine line) {
    Path yaml = configFile;
    FinetuneConfig config = yaml == null ? new FinetuneConfig() : FinetuneConfig.readYaml(yaml);
    settings.applyTo(config);
    config.validate();
    ranks.group().share(config.batch);
    List<Path> inputs = data == null ? List.of() : data;
    ranks.leadFirst(() -> RunDataset.prepare("finetune", folder, inputs, source, ranks, line));
    FinetuneData loaded;
    Finetuning run;
    try {
      loaded =
          FinetuneData.load(
              RunDataset.path(folder, inputs), config, ranks.interrupt().cancelling(line));
      run = Finetuning.start(opened, config, loaded, output, ranks.group());
    } catch (InputException | CancellationException e) {
      // No run was started: the folder goes too, unless there is something in it.
      if (ranks.lead()) {
        RunFolders.deleteEmpty(output);
      }
      throw e;
    }
    try (run) {
      if (ranks.lead()) {
        PretrainCommand.save(folder, config);
      }
      return session(folder, config, loaded, run, opened, ranks, line);
    }
  }

  private int resumed(RunFolder folder, Device opened, MpiOptions.Ranks ranks, ProgressLine line) {
    RunDataset.refuseOthers(data != null || configFile != null || settings.any());
    Finetuning.Resumable from = Finetuning.resumable(output);
    FinetuneData loaded =
        FinetuneData.load(from.dataset(), from.config(), ranks.interrupt().cancelling(line));
    ranks.console().notice(String.format(Locale.ROOT, "resuming after step %d", from.step()));
    try (Finetuning run = Finetuning.resume(opened, from.config(), loaded, output, ranks.group())) {
      return session(folder, from.config(), loaded, run, opened, ranks, line);
    }
  }

  private static int session(
      RunFolder folder,
      FinetuneConfig config,
      FinetuneData data,
      Finetuning run,
      Device opened,
      MpiOptions.Ranks ranks,
      ProgressLine line) {
    if (ranks.lead()) {
      return FinetuneRun.run(
          ranks.console(), folder, config, data, run, opened, ranks.interrupt(), line);
    }
    boolean finished = run.run(Finetuning.Listener.NONE, ranks.interrupt()::requested).finished();
    return finished ? ExitCode.OK : ExitCode.INTERRUPTED;
  }
}
