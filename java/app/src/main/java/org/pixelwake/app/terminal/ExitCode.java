package org.pixelwake.app.terminal;

/// Exit codes of every command.
public final class ExitCode {
  public static final int OK = 0;

  /// The command ran and what it checked is not so.
  public static final int CHECK_FAILED = 1;

  /// A file, an option or a configuration of the user's cannot be used.
  public static final int USER_ERROR = 2;

  /// A defect of Pixelwake, or too little memory.
  static final int INTERNAL = 3;

  /// Ended by Ctrl-C: 128 + SIGINT.
  public static final int INTERRUPTED = 130;

  /// The reader of the output has gone: 128 + SIGPIPE, as for any other program.
  static final int OUTPUT_CLOSED = 141;

  private ExitCode() {}
}
