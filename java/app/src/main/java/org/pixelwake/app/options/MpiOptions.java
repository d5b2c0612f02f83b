package org.pixelwake.app.options;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Failures;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.TerminalHost;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;
import org.pixelwake.engine.group.MpiGroup;
import org.pixelwake.run.Host;
import picocli.CommandLine.Option;

/// Options of the commands that several processes can do together, started by `mpirun`.
public final class MpiOptions {
  private static final double MOST_MINUTES = 60 * 24 * 7;

  // What all processes find wrong, rank 0 says, and ends them; others say what they alone find.
  private static final long FIRST_WORD = TimeUnit.SECONDS.toNanos(2);

  @Option(
      names = "--mpi",
      description = {
        "Share the work with the other processes that mpirun started: each takes an equal part of"
            + " every batch, with the result of one process to rounding. Data and the run's folder"
            + " must be seen by all of them."
      })
  private boolean mpi;

  @Option(
      names = "--mpi-timeout",
      paramLabel = "MINUTES",
      defaultValue = "10",
      description =
          "How long a process waits for the others before the run ends with a checkpoint; longer"
              + " than an evaluation takes.")
  private double minutes = 10;

  /// One of the processes that do a command together; most often the only one.
  ///
  /// @param host silent but for rank 0
  /// @param localRank number among the processes of this machine
  /// @param processors this process's share of the machine's processors; 0: all
  public record Ranks(Group group, Host host, int localRank, int processors) {}

  /// Runs a command with Ctrl-C as [Interrupt] treats it, alone or as one of several processes.
  ///
  /// @param work returns the exit code
  /// @return exit code
  public int run(Console console, ToIntFunction<Ranks> work) {
    if (!mpi) {
      try (Interrupt interrupt = Interrupt.install(console)) {
        Host host = new TerminalHost(console, interrupt);
        return work.applyAsInt(new Ranks(Group.single(), host, 0, 0));
      }
    }
    if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
      throw new InputException(
          "--mpi-timeout", minutes + " is no number of minutes", "Give more than 0");
    }
    MpiGroup group = MpiGroup.open(Duration.ofMillis((long) (minutes * 60e3)));
    Console own = group.leads() ? console : Console.silent();
    try (Interrupt interrupt = Interrupt.install(own)) {
      group.watch(new StopWatch(group, interrupt, console));
      if (group.size() == 1) {
        own.notice("--mpi: one process; start several with mpirun -n N pixelwake ...");
      }
      Host host = new TerminalHost(own, interrupt);
      int code = work.applyAsInt(new Ranks(group, host, group.localRank(), group.processors()));
      group.finish();
      return code;
    } catch (GroupException e) {
      if (e.kind() == GroupException.Kind.DIFFERENT) {
        leaveFirstWord(group); // everybody sees it
      }
      String message = String.valueOf(e.getMessage());
      Failures.print(console, group.leads() ? message : group + ": " + message);
      return e.kind() == GroupException.Kind.STOPPED ? ExitCode.INTERRUPTED : ExitCode.USER_ERROR;
    } catch (InputException e) {
      leaveFirstWord(group);
      throw e;
    }
  }

  private static void leaveFirstWord(Group group) {
    if (!group.leads()) {
      LockSupport.parkNanos(FIRST_WORD);
    }
  }

  /// Looks on while a process waits for the others. Told to stop, rank 0 gives them a moment to
  /// come along to the end of the step and then gives up, to write a checkpoint: `mpirun` kills
  /// every process a second after it told them to stop, and does that too when one of them has
  /// died.
  private static final class StopWatch implements MpiGroup.Watch {
    private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long HINT = TimeUnit.MILLISECONDS.toNanos(500);

    private final Group group;
    private final Interrupt interrupt;
    private final Console console;
    private long told;
    private boolean hinted;

    StopWatch(Group group, Interrupt interrupt, Console console) {
      this.group = group;
      this.interrupt = interrupt;
      this.console = console;
    }

    @Override
    public void waiting(Duration waited) {
      if (!interrupt.requested()) {
        return;
      }
      long now = System.nanoTime();
      if (told == 0) {
        told = now;
      }
      if (group.leads() && now - told > GRACE) {
        throw new GroupException(
            GroupException.Kind.STOPPED,
            "told to stop in the middle of a step, or because another process ended",
            "What mpirun says tells which it was");
      }
      if (!hinted && Math.min(now - told, waited.toNanos()) > HINT) {
        hinted = true;
        Failures.print(
            console,
            group
                + ": told to stop, and another process does not answer. If it does not come back,"
                + " go on from the last checkpoint with --resume.");
      }
    }
  }
}
