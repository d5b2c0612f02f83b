package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.MpiOptions;
import org.pixelwake.app.options.SettingOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunInput;
import org.pixelwake.run.TrainingRun;
import org.pixelwake.training.RunConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A command that trains a network: its options are those of the run, and the settings of the
/// task's configuration.
abstract class TrainingCommand extends PixelwakeCommand {
  @Parameters(
      paramLabel = "DATA",
      arity = "0..*",
      description = "Data set (.parquet) or detector files.")
  private @Nullable List<Path> data;

  @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML.")
  private @Nullable Path configFile;

  @Option(names = "--resume", description = "Go on with the run in the folder.")
  private boolean resume;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private MpiOptions mpi = new MpiOptions();
  @Mixin private SourceOptions source = new SourceOptions();
  private final String title;
  private final Supplier<? extends RunConfig> defaults;
  private final OptionSpec output;
  private final SettingOptions settings;

  /// @param title of the progress
  /// @param folder of the run where none is named
  /// @param defaults makes a configuration as it is where no option is given
  TrainingCommand(String title, String folder, Supplier<? extends RunConfig> defaults) {
    this.title = title;
    output =
        OptionSpec.builder("-o", "--output")
            .order(-2) // before the options that stand in fields
            .type(Path.class)
            .paramLabel("RUN")
            .defaultValue(folder)
            .description("Folder of the run.")
            .build();
    this.defaults = defaults;
    settings = new SettingOptions(defaults.get());
  }

  @Spec
  void addSettings(CommandSpec command) {
    command.addOption(output);
    settings.addTo(command);
  }

  @Override
  public final Integer call() {
    return mpi.run(console(), this::train);
  }

  private int train(MpiOptions.Ranks ranks) {
    try (Device opened = device.open(ranks)) {
      RunFolder folder = new RunFolder(output.getValue());
      TrainingRun run = new TrainingRun(ranks.host(), opened, folder, ranks.group()).titled(title);
      boolean finished = run.conclude(resume ? resumed(run) : started(run));
      return finished ? ExitCode.OK : ExitCode.INTERRUPTED;
    }
  }

  private TrainingRun.Result started(TrainingRun run) {
    Path yaml = configFile;
    RunConfig plain = defaults.get();
    RunConfig config = yaml == null ? plain : RunConfig.readYaml(yaml, plain.getClass());
    settings.applyTo(config);
    List<Path> files = data == null ? List.of() : data;
    return run.start(config, new RunInput(files, source::read, source.properties()));
  }

  /// A run that is resumed has its data and settings already.
  private TrainingRun.Result resumed(TrainingRun run) {
    if (data != null || configFile != null || settings.any()) {
      throw new InputException(
          "--resume",
          "goes on with the data and settings of the run",
          "Leave out DATA, --config and settings, or start another run");
    }
    return run.resume(defaults.get().getClass());
  }
}
