package org.pixelwake.app.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.Pixelwake;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
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
}
