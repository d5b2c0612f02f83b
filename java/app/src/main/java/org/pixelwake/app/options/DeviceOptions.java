package org.pixelwake.app.options;

import java.util.function.Consumer;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import picocli.CommandLine.Option;

/// Options of every command that computes.
public final class DeviceOptions {
  private static final int MOST_THREADS = 1024;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "Where to compute: auto, cpu, cuda or cuda:n. Only auto ever falls back.")
  private String device = "auto";

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Processor threads; 0 for one a processor. Results do not depend on it.")
  private int threads;

  /// Opens it; with `auto` the choice is told on standard error.
  ///
  /// @throws InputException where it cannot be used
  public Device open(Console console) {
    return open(console::notice, threads, 0);
  }

  /// Opens it for one of several processes: on its share of the processors, unless a number of
  /// threads is asked for, and each on another GPU, unless one is named.
  ///
  /// @throws InputException where it cannot be used
  public Device open(MpiOptions.Ranks ranks) {
    return open(
        ranks.host()::notice, threads == 0 ? ranks.processors() : threads, ranks.localRank());
  }

  private Device open(Consumer<String> notices, int used, int nth) {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new InputException(
          "--threads", threads + " is no number of threads", "Use 0 to " + MOST_THREADS);
    }
    return Device.choose(device, used, nth, notices);
  }
}
