package org.pixelwake.app.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Lets a long command end cleanly on Ctrl-C (or SIGTERM): the Java virtual machine waits, at most
/// a minute, until the command has written what it must and closes this, and then for its last
/// word; a second Ctrl-C ends at once. The exit code is 130 (143 after SIGTERM).
///
/// The thread is never interrupted: that would close a file it is just writing. It asks
/// [#requested], as [TerminalHost] does where it reports progress.
public final class Interrupt implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /// What a command has to say after its work is over is out within this time.
  private static final Duration LAST_WORD = Duration.ofSeconds(5);

  private static final CountDownLatch EXITING = new CountDownLatch(1);

  private final Console console;
  private final Duration limit;
  private final Duration lastWord;
  private final Runnable secondEnds;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  private Interrupt(Console console, Duration limit, Duration lastWord, Runnable secondEnds) {
    this.console = console;
    this.limit = limit;
    this.lastWord = lastWord;
    this.secondEnds = secondEnds;
    this.hook = new Thread(this::stop, "pixelwake-stop");
  }

  /// Starts to listen.
  public static Interrupt install(Console console) {
    Interrupt interrupt = new Interrupt(console, LIMIT, LAST_WORD, Terminal::endOnInterrupt);
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  /// As [#install] without a hook and without an effect on Ctrl-C: for tests, which call [#stop]
  /// themselves.
  ///
  /// @param lastWord how long to wait for [#exiting]; zero: not
  static Interrupt unhooked(Console console, Duration limit, Duration lastWord) {
    return new Interrupt(console, limit, lastWord, () -> {});
  }

  /// The process has nothing more to say: a shutdown that waits for its last word goes on.
  public static void exiting() {
    EXITING.countDown();
  }

  /// Whether the user wants to stop.
  public boolean requested() {
    return requested;
  }

  /// What the shutdown hook does: asks, and waits until the work is over and the command has said
  /// how it ended.
  void stop() {
    requested = true;
    console.notice("\nstopping; press Ctrl-C again to end at once");
    secondEnds.run();
    try {
      if (!finished.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        console.notice("the work did not stop within " + limit.toSeconds() + " s: ended");
      } else if (!lastWord.isZero()) {
        EXITING.await(lastWord.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Says that all is written: a shutdown that waits goes on.
  @Override
  public void close() {
    finished.countDown();
    // The hook cannot be removed once it runs, and need not be.
    if (!requested) {
      removeHook();
    }
  }

  private void removeHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The shutdown has begun in this very moment; the latch is open, so it does not wait.
      requested = true;
    }
  }
}
