package org.pixelwake.app.command;

import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.StepOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.machine.Benchmarks;
import org.pixelwake.run.machine.Roofline;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.Workload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pixelwake bench`: its subcommands measure.
@Command(
    name = "bench",
    description = {
      "Measures how fast this machine computes. (How well networks tell particles is compared by"
          + " `pixelwake benchmark`.)",
      ""
    },
    subcommands = {BenchCommand.Step.class, BenchCommand.Encoder.class, BenchCommand.Bounds.class})
public final class BenchCommand extends PixelwakeCommand {
  @Override
  public Integer call() {
    throw misuse("name what to measure: step, encoder or roofline");
  }

  /// A benchmark of a training step or of a part of it.
  abstract static class Measurement extends PixelwakeCommand {
    /// Opens the device, measures on it, and prints the figures.
    final int measure(
        DeviceOptions device,
        Workload work,
        boolean json,
        BiFunction<Benchmarks, Progress, Benchmarks.Figures> benchmark) {
      try (Device opened = device.open(console())) {
        Benchmarks.Figures figures;
        try (ProgressLine line = new ProgressLine(console(), "bench")) {
          figures = benchmark.apply(new Benchmarks(opened, work), line);
        }
        if (json) {
          out().println(JsonOutput.text(figures.fields()));
        } else {
          out().print(figures.text());
        }
        return figures.sound() ? ExitCode.OK : ExitCode.CHECK_FAILED;
      }
    }
  }

  /// `pixelwake bench step`.
  @Command(
      name = "step",
      description = {
        "Times whole training steps: hits to images, forward, loss, backward, AdamW. A network over hits"
            + " has no images, and learns the particles of the clusters.",
        "",
        "The figure is the median over the steps after the warm-up. Every loss timed is checked: the"
            + " same steps run again from the same start must give the same losses to the last bit, and"
            + " the last must be below the first.",
        "",
        "With --profile that second run times every operation, and a table holds the medians against"
            + " the limits of the machine, which are measured first: GB/s and GFLOP/s of what must be"
            + " moved and computed at least, and the share of the bound that `bench roofline` explains.",
        "",
        "Fields of --json: arch, side, batch, precision, device, threads, images_per_second, median_ms,"
            + " step_ms, first_loss, losses, losses_repeat, losses_fall, recompute, plan_mib,"
            + " allocated_bytes (of Java's heap, in the median step), parameters_mib, peak_resident_mib;"
            + " with --profile also "
            + Roofline.LIMITS_FIELDS
            + " profile: families, operations (one by one in their order, each with its shape) and"
            + " total, of "
            + Roofline.COST_FIELDS
            + ", "
            + Roofline.TIME_FIELDS
            + ".",
        ""
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  pixelwake bench step --arch efficientnet_b4 --side 96 --batch 8 --threads 2 --json",
        "  pixelwake bench step --profile=operations"
      })
  static final class Step extends Measurement {
    @Mixin private StepOptions step = new StepOptions();

    @Option(
        names = "--recompute",
        paramLabel = "PART",
        description =
            "Part of a step's arithmetic that may be spent on computing activations again instead of"
                + " keeping them in memory. Default: ${DEFAULT-VALUE}")
    private double recompute = new PretrainConfig().recompute;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "10", description = "Steps timed.")
    private int steps;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "3", description = "Steps before.")
    private int warmup;

    @Option(
        names = "--profile",
        paramLabel = "DETAIL",
        arity = "0..1",
        fallbackValue = "families",
        description =
            "Time every operation; print them by families (taken where nothing follows the option) or"
                + " operations, those of one shape together.")
    private @Nullable String profile;

    @Option(names = "--json", description = "Print an object instead of text.")
    private boolean json;

    @Mixin private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
      if (steps < 1 || warmup < 0) {
        throw new InputException("--steps", "is out of range", "Time at least one step");
      }
      String detail = profile;
      if (detail != null && !List.of("families", "operations").contains(detail)) {
        throw new InputException(
            "--profile", detail + " is not a level of detail", "Use families or operations");
      }
      Workload work = step.work();
      work.config().recompute = recompute;
      work.config().validate();
      return measure(
          device, work, json, (bench, progress) -> bench.step(warmup, steps, detail, progress));
    }
  }

  /// `pixelwake bench encoder`.
  @Command(
      name = "encoder",
      description = {
        "Times inference with the encoder alone: images to embeddings, batch norms folded in. Of a network"
            + " over hits the whole way is timed, from the clusters to the outputs of a classifier.",
        "",
        "The figure is the median over the runs of a batch in the seconds timed, copies of images and"
            + " embeddings included. Weights and running statistics are drawn;"
            + " the embeddings must agree with those of the network whose batch norms are not folded"
            + " in, computed in f32, and those over hits with plain loops in double precision.",
        "",
        "Fields of --json: arch, side, batch, precision, device, threads, images_per_second, median_ms,"
            + " runs, run_ms, error (norm of the difference of all embeddings over their own),"
            + " tolerance, peak_resident_mib. images_per_second counts the clusters of networks over hits.",
        ""
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  pixelwake bench encoder --arch efficientnet_b4 --side 96 --batch 32 --precision bf16",
        "  pixelwake bench encoder --arch hits_s --batch 1024 --clusters satram.parquet"
      })
  static final class Encoder extends Measurement {
    @Mixin private StepOptions step = new StepOptions();

    @Option(
        names = "--seconds",
        paramLabel = "S",
        defaultValue = "5",
        description = "Seconds timed.")
    private double seconds;

    @Option(
        names = "--warmup",
        paramLabel = "S",
        defaultValue = "2",
        description = "Seconds before.")
    private double warmup;

    @Option(names = "--json", description = "Print an object instead of text.")
    private boolean json;

    @Mixin private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
      if (!(seconds > 0 && warmup >= 0)) {
        throw new InputException("--seconds", "is out of range", "Time more than 0 seconds");
      }
      return measure(
          device, step.work(), json, (bench, progress) -> bench.encoder(warmup, seconds, progress));
    }
  }

  /// `pixelwake bench roofline`.
  @Command(
      name = "roofline",
      description = {
        "Counts what a training step must move and compute, and how fast this machine could do it.",
        "",
        "Bytes: every tensor that an operation needs, read or written once. FLOP: multiplications and"
            + " additions of convolutions and matrix products. Activations: elements whose SiLU or"
            + " sigmoid is evaluated. Bound: the longer of the bytes at the memory's rate and of"
            + " arithmetic plus activations at the processor's, all rates measured first; an"
            + " operation whose data are in a cache can be faster.",
        "",
        "Fields of --json: arch, side, batch, precision, device, threads, images_per_second (the"
            + " ceiling, every operation at its bound). "
            + Roofline.LIMITS_FIELDS
            + " families, and total alike: "
            + Roofline.COST_FIELDS
            + ".",
        ""
      },
      footerHeading = "%nExample:%n",
      footer = "  pixelwake bench roofline --arch efficientnet_b4 --side 96 --batch 8 --threads 2")
  static final class Bounds extends Measurement {
    @Mixin private StepOptions step = new StepOptions();

    @Option(names = "--json", description = "Print an object instead of text.")
    private boolean json;

    @Mixin private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
      return measure(device, step.work(), json, (bench, _) -> bench.roofline());
    }
  }
}
