package org.pixelwake.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Times the training step of the scripted reference autoencoder in libtorch and prints JSON.
@Command(
    name = "LibtorchStep",
    mixinStandardHelpOptions = true,
    description = "Times training steps of a scripted autoencoder in libtorch; prints JSON.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class LibtorchStep implements Callable<Integer> {
  /// Implementation of AdamW.
  enum Update {
    PLAIN,
    FUSED
  }

  /// Precision of the convolutions.
  enum Precision {
    F32,
    BF16
  }

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "TorchScript file written by peers/make_scripted.py.")
  private Path model;

  @Option(names = "--side", defaultValue = "96", description = "Side of the images, in pixels.")
  private int side;

  @Option(names = "--batch", defaultValue = "8", description = "Images in a step.")
  private int batch;

  @Option(names = "--threads", defaultValue = "2", description = "Threads of an operation.")
  private int threads;

  @Option(names = "--warmup", defaultValue = "4", description = "Steps before the timed ones.")
  private int warmUp;

  @Option(names = "--steps", defaultValue = "15", description = "Timed steps.")
  private int steps;

  @Option(names = "--seed", defaultValue = "1", description = "Of the images.")
  private long seed;

  @Option(
      names = "--precision",
      defaultValue = "f32",
      description = "${COMPLETION-CANDIDATES}; bf16 is autocast.")
  private Precision precision;

  @Option(names = "--layout", defaultValue = "nchw", description = "${COMPLETION-CANDIDATES}.")
  private Layout layout;

  @Option(
      names = "--executor",
      defaultValue = "simple",
      description = "Executor of TorchScript: ${COMPLETION-CANDIDATES}.")
  private GraphExecutor executor;

  @Option(
      names = "--adamw",
      defaultValue = "fused",
      description = "AdamW: ${COMPLETION-CANDIDATES}.")
  private Update update;

  private LibtorchStep() {}

  /// @param arguments as `--help` lists them
  public static void main(String[] arguments) {
    CommandLine command = new CommandLine(new LibtorchStep());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    check();
    Libtorch.load(threads);
    torch.manual_seed(seed);
    executor.choose();
    LibtorchTrainer trainer =
        new LibtorchTrainer(
            model.toString(),
            SparseImages.channelsFirst(batch, side, seed),
            batch,
            side,
            layout,
            update == Update.FUSED,
            precision == Precision.BF16 ? Autocast.bf16() : null);
    StepTimes times = new StepTimes();
    for (int i = 0; i < warmUp; i++) {
      times.warmUp(trainer.step());
    }
    for (int i = 0; i < steps; i++) {
      long processorStart = processorNanoseconds();
      long start = System.nanoTime();
      double loss = trainer.step();
      times.timed(System.nanoTime() - start, processorNanoseconds() - processorStart, loss);
    }
    times.requireProgress();
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    System.out.println(mapper.writeValueAsString(report(times)));
    return 0;
  }

  private void check() {
    if (!Files.isRegularFile(model)) {
      throw new ParameterException(
          spec.commandLine(), model + ": no such file; peers/make_scripted.py writes it");
    }
    if (side < 32 || side % 32 != 0) {
      throw new ParameterException(spec.commandLine(), "--side is no multiple of 32: " + side);
    }
    if (update == Update.FUSED
        && (executor == GraphExecutor.PROFILING || executor == GraphExecutor.LEGACY)) {
      throw new ParameterException(
          spec.commandLine(),
          "TorchScript's " + lower(executor) + " executor fails on --adamw=fused");
    }
    if (batch < 1 || threads < 1 || steps < 1 || warmUp < 0) {
      throw new ParameterException(
          spec.commandLine(), "--batch, --threads and --steps are at least 1, --warmup at least 0");
    }
  }

  private Map<String, Object> report(StepTimes times) throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("library", "libtorch " + torch.TORCH_VERSION);
    report.put("instructions", torch.get_cpu_capability().getString());
    report.put("layout", layout.label());
    report.put("executor", lower(executor));
    report.put("adamw", lower(update));
    report.put("precision", lower(precision));
    report.put("side", side);
    report.put("batch", batch);
    report.put("threads", torch.get_num_threads());
    report.put("images_per_second", batch * 1000 / times.medianMilliseconds());
    report.put("median_ms", times.medianMilliseconds());
    report.put("median_cpu_ms", times.medianProcessorMilliseconds());
    report.put("step_ms", times.milliseconds());
    report.put("first_loss", times.firstLoss());
    report.put("losses", times.losses());
    report.put("peak_resident_mib", ProcessMemory.peakResidentMebibytes());
    return report;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static long processorNanoseconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
