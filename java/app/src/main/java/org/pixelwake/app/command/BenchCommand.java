package org.pixelwake.app.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `pixelwake bench`: its subcommands measure.
@Command(
    name = "bench",
    description = {"Measures how fast this machine computes.", ""},
    subcommands = {BenchStepCommand.class, BenchEncoderCommand.class, BenchRooflineCommand.class})
public final class BenchCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec own = spec;
    if (own == null) {
      throw new IllegalStateException("not started by picocli");
    }
    throw new ParameterException(
        own.commandLine(), "name what to measure: step, encoder or roofline");
  }
}
