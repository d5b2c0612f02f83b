package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.StepOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.machine.Machine;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.EncoderBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pixelwake bench encoder`.
@Command(
    name = "encoder",
    description = {
      "Times inference with the encoder alone: images to embeddings, batch norms folded in.",
      "",
      "The figure is the median over the runs of a batch in the seconds timed, copies of images and"
          + " embeddings included. Weights and running statistics are drawn;"
          + " the embeddings must agree with those of the network whose batch norms are not folded"
          + " in, computed in f32.",
      "",
      "Fields of --json: arch, side, batch, precision, device, threads, images_per_second, median_ms,"
          + " runs, run_ms, error (norm of the difference of all embeddings over their own),"
          + " tolerance, peak_resident_mib.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer =
        "  pixelwake bench encoder --arch efficientnet_b4 --side 96 --batch 32 --precision bf16")
final class BenchEncoderCommand extends PixelwakeCommand {
  @Mixin private StepOptions encoder = new StepOptions();

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "5", description = "Seconds timed.")
  private double seconds;

  @Option(names = "--warmup", paramLabel = "S", defaultValue = "2", description = "Seconds before.")
  private double warmup;

  @Option(names = "--json", description = "Print an object instead of text.")
  private boolean json;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    if (!(seconds > 0 && warmup >= 0)) {
      throw new InputException("--seconds", "is out of range", "Time more than 0 seconds");
    }
    PretrainConfig config = encoder.config();
    try (Device opened = device.open(console())) {
      EncoderBenchmark.Result result;
      try (ProgressLine line = progress("bench")) {
        result = EncoderBenchmark.run(opened, config, warmup, seconds, line);
      }
      double median = result.medianSeconds();
      if (json) {
        ObjectNode object = encoder.json(opened);
        object.put("images_per_second", encoder.batch() / median);
        object.put("median_ms", 1e3 * median);
        object.put("runs", result.seconds().length);
        object.putPOJO("run_ms", Arrays.stream(result.seconds()).map(time -> 1e3 * time).toArray());
        object.put("error", result.error());
        object.put("tolerance", result.tolerance());
        object.put("peak_resident_mib", Machine.peakMemory() / 1048576.0);
        out().println(JsonOutput.text(object));
      } else {
        out()
            .printf(
                Locale.ROOT,
                "%s%n%.2f images/s (median of %d runs, %.2f ms each)%n"
                    + "error of the embeddings: %.1e of their norm, %s%n",
                encoder.title(opened),
                encoder.batch() / median,
                result.seconds().length,
                1e3 * median,
                result.error(),
                result.sound() ? "which is rounding" : "WHICH IS WRONG");
      }
      return result.sound() ? ExitCode.OK : ExitCode.CHECK_FAILED;
    }
  }
}
