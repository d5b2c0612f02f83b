package org.pixelwake.app.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/// Where commands write, and whether a person looks at it.
public final class Console {
  private final PrintWriter out;
  private final PrintWriter err;
  private final Look look;
  private volatile @Nullable ProgressLine line;

  private Console(PrintWriter out, PrintWriter err, Look look) {
    this.out = out;
    this.err = err;
    this.look = look;
  }

  /// How the streams are shown.
  ///
  /// @param outColours colours for standard output
  /// @param errColours colours for standard error
  /// @param redraws whether progress can be redrawn in place
  /// @param unicode whether block characters can be written to standard output
  /// @param columns width of the terminal in characters, 80 where there is none
  public record Look(
      Ansi outColours, Ansi errColours, boolean redraws, boolean unicode, int columns) {
    private static final int WIDEST = 110;
    private static final int NARROWEST = 60;

    /// Width for help and tables.
    public int textWidth() {
      return Math.clamp(columns, NARROWEST, WIDEST);
    }
  }

  /// Standard output and standard error.
  public static Console standard() {
    Charset charset = System.out.charset();
    boolean out = Terminal.isTerminal(Terminal.STDOUT);
    boolean err = Terminal.isTerminal(Terminal.STDERR);
    boolean colour =
        System.getenv().getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(System.getenv("TERM"));
    return new Console(
        writer(FileDescriptor.out, charset),
        writer(FileDescriptor.err, System.err.charset()),
        new Look(
            out && colour ? Ansi.ON : Ansi.OFF,
            err && colour ? Ansi.ON : Ansi.OFF,
            err,
            charset.newEncoder().canEncode(Bars.FULL),
            err || out ? Terminal.columns(err ? Terminal.STDERR : Terminal.STDOUT) : 80));
  }

  /// Two streams that are no terminal.
  public static Console of(Writer out, Writer err) {
    return of(out, err, new Look(Ansi.OFF, Ansi.OFF, false, true, 80));
  }

  /// Nothing is written.
  public static Console silent() {
    return of(Writer.nullWriter(), Writer.nullWriter());
  }

  /// Two streams that count as a terminal of that width, with colours.
  static Console terminal(Writer out, Writer err, int columns) {
    return of(out, err, new Look(Ansi.ON, Ansi.ON, true, true, columns));
  }

  private static Console of(Writer out, Writer err, Look look) {
    return new Console(new PrintWriter(out, true), new PrintWriter(err, true), look);
  }

  private static PrintWriter writer(FileDescriptor descriptor, Charset charset) {
    return new PrintWriter(new Guarded(new FileOutputStream(descriptor)), true, charset);
  }

  /// Standard output: the result of a command and nothing else. Removes a progress line that is on
  /// the terminal.
  public PrintWriter out() {
    clearLine();
    return out;
  }

  /// Standard error: progress, notices, errors. Removes a progress line that is on the terminal.
  public PrintWriter err() {
    clearLine();
    return err;
  }

  /// Standard error for the progress line itself.
  PrintWriter lineOutput() {
    return err;
  }

  /// Tells which progress line is on the terminal; null for none.
  void lineShown(@Nullable ProgressLine shown) {
    line = shown;
  }

  private void clearLine() {
    ProgressLine shown = line;
    if (shown != null) {
      shown.clear();
    }
  }

  /// Returns how the streams are shown.
  public Look look() {
    return look;
  }

  /// Prints a line for the user on standard error, such as a warning.
  public void notice(String text) {
    err().println(text);
    err.flush();
  }

  /// The reader of standard output has gone, or the disk behind it is full.
  public static final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }

    /// Whether it is a pipe that nobody reads any more, as of `| head`.
    boolean pipe() {
      return String.valueOf(getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }
  }

  /// Java's writers remember a failure silently; this one tells.
  private static final class Guarded extends OutputStream {
    private final FileOutputStream to;

    Guarded(FileOutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        to.write(bytes, offset, length);
      } catch (IOException e) {
        throw new OutputException(e);
      }
    }
  }
}
