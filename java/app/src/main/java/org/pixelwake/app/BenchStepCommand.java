package org.pixelwake.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.InputException;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.StepBenchmark;
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
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  pixelwake bench step --arch efficientnet_b4 --side 96 --batch 8 --threads 2 --json")
final class BenchStepCommand extends PixelwakeCommand {
  @Option(
      names = "--arch",
      paramLabel = "NAME",
      defaultValue = "efficientnet_b4",
      description = "Encoder.")
  private String arch = "efficientnet_b4";

  @Option(
      names = "--side",
      paramLabel = "N",
      defaultValue = "96",
      description = "Side of the images.")
  private int side;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images of a step.")
  private int batch;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Storage of activations: f32 or bf16.")
  private String precision = "f32";

  @Option(names = "--steps", paramLabel = "N", defaultValue = "10", description = "Steps timed.")
  private int steps;

  @Option(names = "--warmup", paramLabel = "N", defaultValue = "3", description = "Steps before.")
  private int warmup;

  @Option(names = "--json", description = "Print an object instead of text.")
  private boolean json;

  @Mixin private DeviceOptions device = new DeviceOptions();

  BenchStepCommand() {}

  @Override
  public Integer call() {
    if (steps < 1 || warmup < 0) {
      throw new InputException("--steps", "", "is out of range", "Time at least one step");
    }
    PretrainConfig config = new PretrainConfig();
    config.arch = arch;
    config.side = side;
    config.batch = batch;
    config.precision = precision;
    StepBenchmark.prepare(config);
    config.validate();
    StepBenchmark.Result result;
    String name;
    int threads;
    try (Device opened = device.open(console());
        ProgressLine line = progress("bench")) {
      name = opened.toString();
      threads = opened.threads();
      result = StepBenchmark.run(opened, config, warmup, steps, line);
    }
    print(result, name, threads);
    return result.sound() ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private void print(StepBenchmark.Result result, String name, int threads) {
    double median = result.medianSeconds();
    if (json) {
      ObjectNode object = Json.object();
      object.put("arch", arch);
      object.put("side", side);
      object.put("batch", batch);
      object.put("precision", precision);
      object.put("device", name);
      object.put("threads", threads);
      object.put("images_per_second", batch / median);
      object.put("median_ms", 1e3 * median);
      add(object.putArray("step_ms"), milliseconds(result.seconds()));
      object.put("first_loss", result.losses()[0]);
      add(object.putArray("losses"), result.losses());
      object.put("losses_repeat", result.repeats());
      object.put("losses_fall", result.falls());
      object.put("plan_mib", result.planBytes() / 1048576.0);
      object.put("peak_resident_mib", RunReports.peakMemory() / 1048576.0);
      out().println(Json.text(object));
      return;
    }
    out()
        .printf(
            Locale.ROOT,
            "%s, side %d, batch %d, %s on %s%n%.2f images/s (median of %d steps, %.1f ms each)%n"
                + "losses %.5f to %.5f: %s, %s%nmemory of a step: %.1f MiB planned%n",
            arch,
            side,
            batch,
            precision,
            name,
            batch / median,
            result.seconds().length,
            1e3 * median,
            result.losses()[0],
            result.losses()[result.losses().length - 1],
            result.repeats() ? "the same when run again" : "NOT THE SAME when run again",
            result.falls() ? "falling" : "NOT FALLING",
            result.planBytes() / 1048576.0);
  }

  private static void add(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(value);
    }
  }

  private static double[] milliseconds(double[] seconds) {
    return Arrays.stream(seconds).map(s -> 1e3 * s).toArray();
  }
}
