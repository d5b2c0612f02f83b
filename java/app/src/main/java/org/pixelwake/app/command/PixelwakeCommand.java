package org.pixelwake.app.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.app.terminal.TerminalHost;
import org.pixelwake.base.Progress;
import org.pixelwake.run.Host;
import org.pixelwake.run.data.Conversion;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What all commands have. A new one extends this, carries picocli's `@Command`, and is named in
/// the list of [Pixelwake].
public abstract class PixelwakeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /// Made by picocli.
  protected PixelwakeCommand() {}

  /// Runs it.
  ///
  /// @return exit code
  @Override
  public abstract Integer call();

  /// Where it writes.
  protected final Console console() {
    CommandSpec own = spec;
    if (own == null || !(own.root().userObject() instanceof Pixelwake root)) {
      throw new IllegalStateException(getClass() + " was not started by Pixelwake");
    }
    return root.console();
  }

  /// Standard output: the result and nothing else.
  protected final PrintWriter out() {
    return console().out();
  }

  /// A required parameter; picocli has refused to start without it.
  protected static <T> T given(@Nullable T parameter) {
    if (parameter == null) {
      throw new IllegalStateException("a required parameter is missing");
    }
    return parameter;
  }

  /// Shows progress on standard error until it is closed.
  ///
  /// @param title what is being done, in a word or two
  protected final ProgressLine progress(String title) {
    return new ProgressLine(console(), title);
  }

  /// Lets Ctrl-C stop the work cleanly until it is closed.
  protected final Interrupt interrupt() {
    return Interrupt.install(console());
  }

  /// Does work for this terminal, which Ctrl-C stops cleanly.
  ///
  /// @param work returns a result
  protected final <T> T host(Function<Host, T> work) {
    try (Interrupt interrupt = interrupt()) {
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

  /// Prints a file that was written, and what was left out of its inputs.
  protected final void print(Conversion.Written written) {
    out().println(written.file() + ": " + written.amounts());
    written.reports().forEach(report -> SourceContents.printLeftOut(out(), report));
  }
}
