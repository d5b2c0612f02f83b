package org.pixelwake.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.InputException;
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
      "  pixelwake finetune -o run --resume"
    })
final class FinetuneCommand extends PixelwakeCommand {
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
  @Mixin private SourceOptions source = new SourceOptions();
  private final SettingOptions settings = new SettingOptions(new FinetuneConfig());

  @Spec
  void addSettings(CommandSpec command) {
    settings.addTo(command);
  }

  FinetuneCommand() {}

  @Override
  public Integer call() {
    RunFolder folder = new RunFolder(output);
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("finetuning");
        Device opened = device.open(console())) {
      return resume
          ? resumed(folder, opened, interrupt, line)
          : started(folder, opened, interrupt, line);
    }
  }

  private int started(RunFolder folder, Device opened, Interrupt interrupt, ProgressLine line) {
    if (folder.used()) {
      throw new InputException(
          output.toString(),
          "",
          "holds a run already",
          "Go on with it through --resume, or choose another folder with -o");
    }
    Path yaml = configFile;
    FinetuneConfig config = yaml == null ? new FinetuneConfig() : FinetuneConfig.readYaml(yaml);
    settings.applyTo(config);
    config.validate();
    PretrainCommand.createFolder(output);
    FinetuneData loaded;
    Finetuning run;
    try {
      List<Path> inputs = data == null ? List.of() : data;
      Path dataset = RunDataset.of("finetune", folder, inputs, source, console(), interrupt, line);
      loaded = FinetuneData.load(dataset, config, interrupt.cancelling(line));
      run = Finetuning.start(opened, config, loaded, output);
    } catch (InputException | CancellationException e) {
      // No run was started: the folder goes too, unless there is something in it.
      RunFolders.deleteEmpty(output);
      throw e;
    }
    try (run) {
      PretrainCommand.save(folder, config);
      return FinetuneRun.run(console(), folder, config, loaded, run, opened, interrupt, line);
    }
  }

  private int resumed(RunFolder folder, Device opened, Interrupt interrupt, ProgressLine line) {
    if (data != null || configFile != null || settings.any()) {
      throw new InputException(
          "--resume",
          "",
          "goes on with the data and settings of the run",
          "Leave out DATA, --config and settings, or start another run");
    }
    Finetuning.Resumable from = Finetuning.resumable(output);
    FinetuneData loaded =
        FinetuneData.load(from.dataset(), from.config(), interrupt.cancelling(line));
    console().notice(String.format(Locale.ROOT, "resuming after step %d", from.step()));
    try (Finetuning run = Finetuning.resume(opened, from.config(), loaded, output)) {
      return FinetuneRun.run(
          console(), folder, from.config(), loaded, run, opened, interrupt, line);
    }
  }
}
