package org.pixelwake.app.terminal;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.group.GroupException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns whatever went wrong into one message and an exit code; nobody sees a stack trace.
public final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Console console;
  private final List<Path> logFolders;

  public Failures(Console console) {
    this(console, List.of(stateFolder(), Path.of(System.getProperty("java.io.tmpdir", "."))));
  }

  /// @param logFolders where to put the log of a defect; the first that can be written is taken
  public Failures(Console console, List<Path> logFolders) {
    this.console = console;
    this.logFolders = logFolders;
  }

  private static Path stateFolder() {
    String xdg = System.getenv().getOrDefault("XDG_STATE_HOME", "");
    String home = System.getProperty("user.home", ".");
    return (xdg.isEmpty() ? Path.of(home, ".local", "state") : Path.of(xdg)).resolve("pixelwake");
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    return report(failure, arguments.originalArgs());
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    print(console, messageOf(failure.getCause() instanceof InputException e ? e : failure));
    PrintWriter err = console.err();
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USER_ERROR;
  }

  /// Prints what is to be said of a failure.
  ///
  /// @return exit code
  public int report(Throwable failure, List<String> arguments) {
    return switch (failure) {
      case InputException _, GroupException _ -> end(messageOf(failure), ExitCode.USER_ERROR);
      case CancellationException _ -> end("stopped", ExitCode.INTERRUPTED);
      case Console.OutputException output when output.pipe() -> ExitCode.OUTPUT_CLOSED;
      case Console.OutputException _ ->
          end(
              "standard output: cannot be written: " + failure.getMessage() + ".",
              ExitCode.USER_ERROR);
      case OutOfMemoryError memory -> end(outOfMemory(memory), ExitCode.INTERNAL);
      default ->
          end(
              "a defect of Pixelwake: " + failure + "." + log(failure, arguments),
              ExitCode.INTERNAL);
    };
  }

  private int end(String message, int code) {
    print(console, message);
    return code;
  }

  private static String messageOf(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private static String outOfMemory(OutOfMemoryError memory) {
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    return String.format(
        Locale.ROOT,
        "not enough memory (%s; the Java heap may take %d MB). Give it more with"
            + " PIXELWAKE_JAVA_OPTS=-Xmx%dg, or use less data at a time.",
        memory.getMessage(),
        heap,
        Math.max(2, (2 * heap + 1023) / 1024));
  }

  /// Prints an error.
  public static void print(Console console, String message) {
    String text = "pixelwake: " + message;
    // Not through picocli's markup: a file name may hold @|.
    boolean red = console.look().errColours().enabled();
    console.err().println(red ? "\u001b[31m" + text + "\u001b[0m" : text);
    console.err().flush();
  }

  /// Writes the stack trace to a file and says where it is.
  private String log(Throwable failure, List<String> arguments) {
    String name = "pixelwake-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())) + "-";
    StringBuilder attempts = new StringBuilder();
    for (Path folder : logFolders) {
      try {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, name, ".log");
        try (PrintWriter to = new PrintWriter(Files.newBufferedWriter(file))) {
          for (String line : new VersionLines().getVersion()) {
            to.println(line);
          }
          to.println("arguments: " + arguments);
          failure.printStackTrace(to);
        }
        return " Where it happened is written in " + file + "; please report it with that file.";
      } catch (IOException e) {
        attempts.append(attempts.isEmpty() ? "" : ", ").append(e);
      }
    }
    return " The log of it could not be written (" + attempts + ").";
  }
}
