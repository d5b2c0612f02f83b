package org.pixelwake.app.command;

import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Failures;
import org.pixelwake.app.terminal.VersionLines;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/// The command `pixelwake` and the list of its subcommands.
@Command(
    name = "pixelwake",
    description = {
      "Pretrains convolutional autoencoders on the tracks that particles leave in Timepix pixel"
          + " detectors.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nA first session:%n",
    footer = {
      "  @|bold pixelwake info|@ data.t3pa",
      "      what the file holds: hits, clusters, spectrum, sizes",
      "  @|bold pixelwake dataset|@ data.t3pa --balance -o tracks.parquet",
      "      finds the clusters and takes every size equally often",
      "  @|bold pixelwake pretrain|@ tracks.parquet -o run",
      "      trains an autoencoder on them; Ctrl-C stops it, --resume goes on",
      "  @|bold pixelwake reconstruct|@ run tracks.parquet",
      "      shows what it makes of tracks, in the report run/report.html",
      "",
      "Or @|bold pixelwake demo|@, which does all of it on a sample that comes with Pixelwake,",
      "and @|bold pixelwake doctor|@ where something does not work.",
      "",
      "@|bold pixelwake help|@ COMMAND explains a command. Exit codes:",
      "  0 done, 1 a check failed, 2 a file or an option cannot be used,",
      "  3 a defect of Pixelwake, 130 stopped by Ctrl-C",
      "Shell completion: source <(pixelwake generate-completion)"
    },
    subcommands = {
      InfoCommand.class,
      ConvertCommand.class,
      ClusterCommand.class,
      DatasetCommand.class,
      FeaturesCommand.class,
      QueryCommand.class,
      SimulateCommand.class,
      PretrainCommand.class,
      WatchCommand.class,
      ReconstructCommand.class,
      FinetuneCommand.class,
      EvaluateCommand.class,
      EmbedCommand.class,
      ProbeCommand.class,
      StudyCommand.class,
      BenchmarkCommand.class,
      DemoCommand.class,
      BenchCommand.class,
      VerifyCommand.class,
      ValidateCommand.class,
      DoctorCommand.class,
      HelpCommand.class,
      GenerateCompletion.class
    })
public final class Pixelwake extends PixelwakeCommand {
  private final Console console;

  Pixelwake(Console console) {
    this.console = console;
  }

  /// The whole command line, writing to this console.
  public static CommandLine commandLine(Console console, Failures failures) {
    CommandLine root = new CommandLine(new Pixelwake(console));
    standardise(root);
    return root.setOut(console.out())
        .setErr(console.err())
        .setColorScheme(Help.defaultColorScheme(console.look().outColours()))
        .setUsageHelpWidth(console.look().textWidth())
        .setExpandAtFiles(false)
        .setExecutionStrategy(arguments -> run(arguments, failures))
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures);
  }

  /// As picocli does it; but what its own output of help throws, such as that nobody reads it, is
  /// no defect.
  private static int run(ParseResult arguments, Failures failures) {
    try {
      return new RunLast().execute(arguments);
    } catch (Console.OutputException e) {
      return failures.report(e, arguments.originalArgs());
    }
  }

  /// Gives every command `--help` and `--version`, and shows the defaults of its options.
  private static void standardise(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (!spec.helpCommand() && !(spec.userObject() instanceof GenerateCompletion)) {
      spec.mixinStandardHelpOptions(true).versionProvider(new VersionLines());
      spec.usageMessage().showDefaultValues(true).sortOptions(false).abbreviateSynopsis(true);
    }
    command.getSubcommands().values().forEach(Pixelwake::standardise);
  }

  @Override
  protected Console console() {
    return console;
  }

  /// No command was named.
  @Override
  public Integer call() {
    ParameterException misuse = misuse("name a command, such as info");
    misuse.getCommandLine().usage(console.err());
    throw misuse;
  }
}
