package org.pixelwake.app.terminal;

import org.pixelwake.run.Host;

/// The host of a command's work: the console shows it, Ctrl-C stops it.
///
/// @param console where lines and progress go
/// @param interrupt hears Ctrl-C
public record TerminalHost(Console console, Interrupt interrupt) implements Host {
  @Override
  public void print(String line) {
    console.out().println(line);
  }

  @Override
  public void notice(String line) {
    console.notice(line);
  }

  @Override
  public Shown progress(String title) {
    return new ProgressLine(console, title);
  }

  @Override
  public boolean stopRequested() {
    return interrupt.requested();
  }
}
