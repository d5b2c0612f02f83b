package org.pixelwake.run.machine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.EncoderBenchmark;
import org.pixelwake.training.benchmark.StepBenchmark;
import org.pixelwake.training.benchmark.StepBenchmark.Timed;
import org.pixelwake.training.benchmark.Workload;

/// Measures how fast a device computes, with figures for people and for programs.
///
/// @param work network and clusters
public record Benchmarks(Device device, Workload work) {
  /// The results of a benchmark.
  ///
  /// @param fields the figures for programs
  /// @param text the figures for people
  /// @param sound whether the results that were timed are right
  public record Figures(ObjectNode fields, String text, boolean sound) {}

  /// Times whole training steps.
  ///
  /// @param warmup steps before those timed
  /// @param profile rows of the profile: families or operations; null for no profile
  /// @throws org.pixelwake.base.InputException where the limits of a profile cannot be measured
  public Figures step(int warmup, int steps, @Nullable String profile, Progress progress) {
    PretrainConfig config = work.config();
    Roofline roofline =
        profile == null ? null : new Roofline(Roofline.limits(device), config.batch, true);
    StepBenchmark.Result result =
        StepBenchmark.run(device, work, warmup, steps, profile != null, progress);
    List<Timed> operations = result.operations();
    double median = result.medianSeconds();
    double[] losses = result.losses();
    double store = mebibytes(result.storeBytes());
    double plan = mebibytes(result.planBytes());
    double peak = mebibytes(Machine.peakMemory());
    ObjectNode fields = fields(config.batch / median).put("median_ms", 1e3 * median);
    fields.putPOJO("step_ms", milliseconds(result.seconds()));
    fields.put("first_loss", losses[0]).putPOJO("losses", losses);
    fields.put("losses_repeat", result.repeats()).put("losses_fall", result.falls());
    fields.put("recompute", config.recompute).put("plan_mib", plan);
    fields.put("allocated_bytes", result.allocatedBytes());
    fields.put("parameters_mib", store).put("peak_resident_mib", peak);
    if (roofline != null) {
      Roofline.Row total = roofline.total(operations);
      fields.set("limits", roofline.limitsJson());
      ObjectNode rows = fields.putObject("profile");
      rows.set("families", roofline.json(roofline.families(operations), total));
      rows.set("operations", roofline.operationsJson(operations, total));
      rows.set("total", roofline.json(total, total));
    }
    String text =
        text(out -> {
          out.printf(
              Locale.ROOT,
              "%.2f %s/s (median of %d steps, %.1f ms each)%n"
                  + "losses %.5f to %.5f: %s, %s%n"
                  + "memory of a step: %.1f MiB of parameters and moments,"
                  + " %.1f MiB of intermediates, %d bytes of Java's heap%n",
              config.batch / median,
              unit(),
              steps,
              1e3 * median,
              losses[0],
              losses[losses.length - 1],
              result.repeats() ? "the same when run again" : "NOT THE SAME when run again",
              result.falls() ? "falling" : "NOT FALLING",
              store,
              plan,
              result.allocatedBytes());
          if (peak > 0) {
            out.printf(
                Locale.ROOT,
                "resident at most: %.1f MiB, %.1f MiB more than the step's own%n",
                peak,
                peak - store - plan);
          }
          if (roofline != null) {
            roofline.printLimits(out);
            out.println();
            roofline.printTimes(
                out,
                "operations".equals(profile)
                    ? roofline.shapes(operations)
                    : roofline.families(operations),
                roofline.total(operations));
          }
        });
    return new Figures(fields, text, result.sound());
  }

  /// Times the encoder alone.
  ///
  /// @param warmup seconds before those timed
  public Figures encoder(double warmup, double seconds, Progress progress) {
    PretrainConfig config = work.config();
    EncoderBenchmark.Result result = EncoderBenchmark.run(device, work, warmup, seconds, progress);
    double median = result.medianSeconds();
    int runs = result.seconds().length;
    ObjectNode fields = fields(config.batch / median).put("median_ms", 1e3 * median);
    fields.put("runs", runs).putPOJO("run_ms", milliseconds(result.seconds()));
    fields.put("error", result.error()).put("tolerance", result.tolerance());
    fields.put("peak_resident_mib", mebibytes(Machine.peakMemory()));
    String text =
        text(out ->
            out.printf(
                Locale.ROOT,
                "%.2f %s/s (median of %d runs, %.2f ms each)%n"
                    + "error of the embeddings: %.1e of their norm, %s%n",
                config.batch / median,
                unit(),
                runs,
                1e3 * median,
                result.error(),
                result.sound() ? "which is rounding" : "WHICH IS WRONG"));
    return new Figures(fields, text, result.sound());
  }

  /// Counts what a training step must move and compute and how fast the device could do it.
  ///
  /// @throws org.pixelwake.base.InputException where the limits cannot be measured
  public Figures roofline() {
    PretrainConfig config = work.config();
    List<Timed> operations =
        StepBenchmark.operations(work).stream().map(one -> new Timed(one, 0)).toList();
    Roofline roofline = new Roofline(Roofline.limits(device), config.batch, false);
    List<Roofline.Row> families = roofline.families(operations);
    Roofline.Row total = roofline.total(operations);
    double ceiling = config.batch / total.boundSeconds();
    ObjectNode fields = fields(ceiling);
    fields.set("limits", roofline.limitsJson());
    fields.set("families", roofline.json(families, total));
    fields.set("total", roofline.json(total, total));
    String text =
        text(out -> {
          roofline.printLimits(out);
          out.println();
          roofline.printCosts(out, families, total);
          out.printf(
              Locale.ROOT, "%nceiling: %.1f %s/s, every operation at its bound%n", ceiling, unit());
        });
    return new Figures(fields, text, true);
  }

  private String unit() {
    return work.overHits() ? "clusters" : "images";
  }

  // The fields that all benchmarks share: the step, the device and the speed.
  private ObjectNode fields(double imagesPerSecond) {
    PretrainConfig config = work.config();
    ObjectNode fields = JsonOutput.object().put("arch", config.arch).put("side", config.side);
    fields.put("batch", config.batch).put("precision", config.precision);
    fields.put("device", device.toString()).put("threads", device.threads());
    return fields.put("images_per_second", imagesPerSecond);
  }

  private String text(Consumer<PrintWriter> lines) {
    PretrainConfig config = work.config();
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    out.printf(
        Locale.ROOT,
        "%s, %sbatch %d, %s on %s%n",
        config.arch,
        work.overHits() ? "" : "side " + config.side + ", ",
        config.batch,
        config.precision,
        device);
    lines.accept(out);
    return text.toString();
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }

  private static double[] milliseconds(double[] seconds) {
    return Arrays.stream(seconds).map(time -> 1e3 * time).toArray();
  }
}
