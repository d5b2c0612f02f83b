package org.pixelwake.app;

import java.util.Arrays;
import org.pixelwake.app.command.Pixelwake;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Failures;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.engine.group.MpiGroup;

/// Entry of the command line.
public final class Main {
  private Main() {}

  /// Runs a command and ends the process with its exit code: 0 done, 1 a check failed, 2 a file or
  /// an option cannot be used, 3 a defect, 130 stopped by Ctrl-C.
  public static void main(String[] arguments) {
    int code = run(Console.standard(), arguments);
    MpiGroup.abort(code);
    Interrupt.exiting();
    System.exit(code);
  }

  /// Runs a command.
  ///
  /// @return exit code
  public static int run(Console console, String... arguments) {
    Failures failures = new Failures(console);
    try {
      int code = Pixelwake.commandLine(console, failures).execute(arguments);
      console.out().flush();
      return code;
    } catch (Exception | Error e) {
      // picocli catches exceptions of commands, but neither errors nor what its own output throws.
      return failures.report(e, Arrays.asList(arguments));
    }
  }
}
