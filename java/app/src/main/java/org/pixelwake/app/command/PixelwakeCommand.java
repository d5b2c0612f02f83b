package org.pixelwake.app.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.app.terminal.TerminalHost;
import org.pixelwake.base.Progress;
import org.pixelwake.run.Host;
import org.pixelwake.run.data.Conversion;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What all commands have. A new one extends this, carries picocli's `@Command`, and is named in
/// the list of [Pixelwake].
public abstract class PixelwakeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /// Runs it.
  ///
  /// @return exit code
  @Override
  public abstract Integer call();

  /// Returns a parameter or another value that picocli has set before it started the command.
  protected static <T> T given(@Nullable T parameter) {
    if (parameter == null) {
      throw new IllegalStateException("a required parameter is missing");
    }
    return parameter;
  }

  /// Returns the terminal or the streams that the command writes to.
  protected Console console() {
    return ((Pixelwake) given(spec).root().userObject()).console();
  }

  /// Standard output: the result and nothing else.
  protected final PrintWriter out() {
    return console().out();
  }

  /// Returns the error of a command line that is not complete; it points to `--help`.
  protected final ParameterException misuse(String message) {
    return new ParameterException(given(spec).commandLine(), message);
  }

  /// Does work for this terminal, which Ctrl-C stops cleanly.
  ///
  /// @param work returns a result
  protected final <T> T host(Function<Host, T> work) {
    try (Interrupt interrupt = Interrupt.install(console())) {
      return work.apply(new TerminalHost(console(), interrupt));
    }
  }

  /// Does a piece of work whose progress standard error shows, and which Ctrl-C ends where it
  /// reports its progress: it keeps nothing then.
  ///
  /// @param title what is being done, in a word or two
  /// @param work returns a result
  protected final <T> T work(String title, Function<Progress, T> work) {
    return host(host -> {
      try (Host.Shown shown = host.progress(title)) {
        return work.apply(host.cancelling(shown));
      }
    });
  }

  /// Writes detector data in another format, and prints the files and what was left out of each
  /// input.
  protected final int convert(String title, Conversion conversion) {
    return work(
        title,
        progress -> {
          conversion.run(
              progress,
              written -> {
                out().println(written.file() + ": " + written.amounts());
                written.reports().forEach(report -> SourceContents.printLeftOut(out(), report));
              });
          return ExitCode.OK;
        });
  }
}
