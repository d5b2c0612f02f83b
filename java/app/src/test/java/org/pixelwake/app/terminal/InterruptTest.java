package org.pixelwake.app.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.Progress;

final class InterruptTest {
  private final StringWriter err = new StringWriter();
  private final Console console = Console.of(new StringWriter(), err);

  @Test
  void workHearsOfItWhereItReportsAndTheStopWaitsForIt() throws InterruptedException {
    Interrupt interrupt = Interrupt.unhooked(console, Duration.ofSeconds(30), Duration.ZERO);
    TerminalHost host = new TerminalHost(console, interrupt);
    Progress cancelling = host.cancelling(Progress.NONE);
    cancelling.update(1, 2, "steps", "");
    assertFalse(host.stopRequested());
    assertFalse(Thread.interrupted());

    Thread hook = new Thread(interrupt::stop);
    hook.start();
    while (!interrupt.requested()) {
      Thread.onSpinWait();
    }
    assertFalse(Thread.interrupted(), "interrupted from outside");
    assertTrue(host.stopRequested());
    assertThrows(CancellationException.class, () -> cancelling.update(2, 2, "steps", ""));
    assertTrue(hook.isAlive(), "the stop did not wait for the work");
    interrupt.close();
    hook.join(10_000);
    assertFalse(hook.isAlive(), "the stop still waits");
    assertTrue(err.toString().contains("Ctrl-C again"), err.toString());
    assertFalse(err.toString().contains("did not stop"), err.toString());
  }

  @Test
  void waitsNoLongerThanTheLimit() {
    Interrupt interrupt = Interrupt.unhooked(console, Duration.ofMillis(20), Duration.ZERO);
    interrupt.stop();
    assertTrue(err.toString().contains("did not stop within"), err.toString());
  }

  @Test
  void waitsForTheLastWordToo() throws InterruptedException {
    Duration limit = Duration.ofSeconds(30);
    Interrupt interrupt = Interrupt.unhooked(console, limit, limit);
    Thread hook = new Thread(interrupt::stop);
    hook.start();
    interrupt.close();
    hook.join(100);
    assertTrue(hook.isAlive(), "the stop did not wait for the last word");
    Interrupt.exiting();
    hook.join(10_000);
    assertFalse(hook.isAlive(), "the stop still waits");
  }

  @Test
  void leavesNoHookBehind() {
    Interrupt interrupt = Interrupt.install(console);
    interrupt.close();
    interrupt.close();
    assertFalse(interrupt.requested());
    assertEquals("", err.toString());
  }
}
