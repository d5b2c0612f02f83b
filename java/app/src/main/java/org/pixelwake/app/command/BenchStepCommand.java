package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.StepOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.run.machine.Roofline;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.StepBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pixelwake bench step`.
@Command(
    name = "step",
    description = {
      "Times whole training steps: hits to images, forward, loss, backward, AdamW.",
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
          + " parameters_mib, peak_resident_mib;"
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
final class BenchStepCommand extends PixelwakeCommand {
  private static final String FAMILIES = "families";
  private static final String OPERATIONS = "operations";

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
      fallbackValue = FAMILIES,
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
    if (detail != null && !List.of(FAMILIES, OPERATIONS).contains(detail)) {
      throw new InputException(
          "--profile",
          detail + " is not a level of detail",
          "Use " + FAMILIES + " or " + OPERATIONS);
    }
    PretrainConfig config = step.config();
    config.recompute = recompute;
    config.validate();
    try (Device opened = device.open(console())) {
      Roofline roofline =
          detail == null ? null : new Roofline(Roofline.limits(opened), step.batch(), true);
      StepBenchmark.Result result;
      try (ProgressLine line = progress("bench")) {
        result = StepBenchmark.run(opened, config, warmup, steps, detail != null, line);
      }
      if (json) {
        printJson(opened, result, roofline);
      } else {
        print(opened, result);
        if (roofline != null) {
          print(roofline, result.operations(), OPERATIONS.equals(detail));
        }
      }
      return result.sound() ? ExitCode.OK : ExitCode.CHECK_FAILED;
    }
  }

  private void printJson(Device opened, StepBenchmark.Result result, @Nullable Roofline roofline) {
    double median = result.medianSeconds();
    ObjectNode object = step.json(opened);
    object.put("images_per_second", step.batch() / median);
    object.put("median_ms", 1e3 * median);
    object.putPOJO("step_ms", Arrays.stream(result.seconds()).map(time -> 1e3 * time).toArray());
    object.put("first_loss", result.losses()[0]);
    object.putPOJO("losses", result.losses());
    object.put("losses_repeat", result.repeats());
    object.put("losses_fall", result.falls());
    object.put("recompute", recompute);
    object.put("plan_mib", mebibytes(result.planBytes()));
    object.put("parameters_mib", mebibytes(result.storeBytes()));
    object.put("peak_resident_mib", mebibytes(Machine.peakMemory()));
    if (roofline != null) {
      List<StepBenchmark.Timed> operations = result.operations();
      Roofline.Row total = roofline.total(operations);
      object.set("limits", roofline.limitsJson());
      ObjectNode profiled = object.putObject("profile");
      profiled.set("families", roofline.json(roofline.families(operations), total));
      profiled.set("operations", roofline.operationsJson(operations, total));
      profiled.set("total", roofline.json(total, total));
    }
    out().println(JsonOutput.text(object));
  }

  private void print(Device opened, StepBenchmark.Result result) {
    double median = result.medianSeconds();
    out()
        .printf(
            Locale.ROOT,
            "%s%n%.2f images/s (median of %d steps, %.1f ms each)%n"
                + "losses %.5f to %.5f: %s, %s%n",
            step.title(opened),
            step.batch() / median,
            result.seconds().length,
            1e3 * median,
            result.losses()[0],
            result.losses()[result.losses().length - 1],
            result.repeats() ? "the same when run again" : "NOT THE SAME when run again",
            result.falls() ? "falling" : "NOT FALLING");
    printMemory(result);
  }

  private void printMemory(StepBenchmark.Result result) {
    long planned = result.planBytes() + result.storeBytes();
    out()
        .printf(
            Locale.ROOT,
            "memory of a step: %.1f MiB of parameters and moments, %.1f MiB of intermediates%n",
            mebibytes(result.storeBytes()),
            mebibytes(result.planBytes()));
    long peak = Machine.peakMemory();
    if (peak > 0) {
      out()
          .printf(
              Locale.ROOT,
              "resident at most: %.1f MiB, %.1f MiB more than the step's own%n",
              mebibytes(peak),
              mebibytes(peak - planned));
    }
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }

  private void print(Roofline roofline, List<StepBenchmark.Timed> operations, boolean shapes) {
    PrintWriter out = out();
    roofline.printLimits(out);
    out.println();
    roofline.printTimes(
        out,
        shapes ? roofline.shapes(operations) : roofline.families(operations),
        roofline.total(operations));
  }
}
