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
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
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
  /// Order of the values in memory of activations and weights.
  enum Layout {
    NCHW(MemoryFormat.Contiguous),
    CHANNELS_LAST(MemoryFormat.ChannelsLast);

    final MemoryFormat format;

    Layout(MemoryFormat format) {
      this.format = format;
    }
  }

  /// Implementation of AdamW.
  enum Update {
    PLAIN,
    FUSED
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
    extractLibrary();
    torch.set_num_threads(threads);
    torch.manual_seed(seed);
    executor.choose();
    LibtorchTrainer trainer =
        new LibtorchTrainer(
            model.toString(),
            SparseImages.channelsFirst(batch, side, seed),
            batch,
            side,
            layout.format,
            update == Update.FUSED);
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

  /// Unpacks the library's largest part before the others are loaded: they look for it beside
  /// themselves, and where it is not there yet take another version installed on the machine.
  private static void extractLibrary() throws IOException {
    String part = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/libtorch_cpu.so";
    if (Loader.cacheResource(LibtorchStep.class, part) == null) {
      throw new IOException("The class path has no " + part);
    }
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
    report.put("layout", lower(layout));
    report.put("executor", lower(executor));
    report.put("adamw", lower(update));
    report.put("precision", "f32");
    report.put("side", side);
    report.put("batch", batch);
    report.put("threads", torch.get_num_threads());
    report.put("images_per_second", batch * 1000 / times.medianMilliseconds());
    report.put("median_ms", times.medianMilliseconds());
    report.put("median_cpu_ms", times.medianProcessorMilliseconds());
    report.put("step_ms", times.milliseconds());
    report.put("first_loss", times.firstLoss());
    report.put("losses", times.losses());
    report.put("peak_resident_mib", peakResidentMebibytes());
    return report;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static long processorNanoseconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /// The most memory this process has held, from Linux's account of it, which is in KiB.
  private static long peakResidentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("/proc/self/status has no VmHWM");
  }
}
