package org.pixelwake.run;

import java.util.concurrent.CancellationException;
import org.pixelwake.base.Progress;

/// The one that a run works for: it shows lines and progress, and says when to stop. The command
/// line's terminal is a host; a Java program brings its own, or takes [#SILENT].
public interface Host {
  /// Shows nothing and never stops.
  Host SILENT =
      new Host() {
        @Override
        public void print(String line) {}

        @Override
        public void notice(String line) {}

        @Override
        public Shown progress(String title) {
          return (done, total, unit, note) -> {};
        }

        @Override
        public boolean stopRequested() {
          return false;
        }
      };

  /// The progress of a piece of work, shown until it is closed.
  @FunctionalInterface
  interface Shown extends Progress, AutoCloseable {
    /// Takes it off the screen until the next update.
    default void clear() {}

    @Override
    default void close() {
      clear();
    }
  }

  /// Prints a line of the result.
  void print(String line);

  /// Prints a line about the work, such as a warning.
  void notice(String line);

  /// Begins to show the progress of a piece of work.
  ///
  /// @param title a word or two, such as "training"
  Shown progress(String title);

  /// Whether the user wants the run to stop. It ends with a checkpoint then.
  boolean stopRequested();

  /// Returns the same progress, which throws [CancellationException] at the next report after the
  /// user asked to stop. For work that cleans up behind itself and keeps nothing.
  default Progress cancelling(Progress progress) {
    return (done, total, unit, note) -> {
      progress.update(done, total, unit, note);
      check();
    };
  }

  /// Ends work that keeps nothing, where the user asked to stop.
  ///
  /// @throws CancellationException where the user did
  default void check() {
    if (stopRequested()) {
      throw new CancellationException("stopped by the user");
    }
  }
}
