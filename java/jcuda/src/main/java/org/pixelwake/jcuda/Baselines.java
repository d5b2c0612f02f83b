package org.pixelwake.jcuda;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.network.Architecture;

/// Prints how long the pointwise and depthwise convolutions of an EfficientNet take on a GPU:
/// Pixelwake's kernels beside cuBLASLt (pointwise) and cuDNN (depthwise), after comparing their
/// results.
///
/// ```
/// java --enable-native-access=ALL-UNNAMED -cp ... org.pixelwake.jcuda.Baselines
///     [--arch efficientnet_b4] [--side 384] [--batch 8] [--storage bf16|f32] [--repeats 20]
/// ```
///
/// Without cuDNN 8 it needs neither JCuda nor its natives. Exit code 0; 1 where there is no GPU or
/// none of the libraries; 2 for wrong arguments; 3 where results differ.
public final class Baselines {
  static final int UNUSABLE = 1;
  static final int WRONG_ARGUMENTS = 2;
  static final int DIFFERENT = 3;

  // The most that cuBLAS itself takes on recent GPUs, and enough for cuDNN's implicit GEMMs.
  private static final long WORKSPACE_BYTES = 256L << 20;

  private Baselines() {}

  /// Runs it and ends with its exit code.
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out));
  }

  static int run(String[] arguments, PrintStream out) {
    Settings settings;
    List<ConvolutionLayer> layers;
    try {
      settings = Settings.parse(arguments);
      Architecture architecture = Architecture.named(settings.arch());
      layers = ConvolutionLayer.of(architecture, settings.side(), settings.batch());
    } catch (InputException e) {
      out.println(e.getMessage());
      return WRONG_ARGUMENTS;
    }
    Backend.Availability cuda = Backend.probe("cuda");
    Backend backend = cuda.backend();
    if (backend == null || cuda.devices() == 0) {
      out.println("no GPU to measure on: " + cuda.detail());
      return UNUSABLE;
    }
    // On the default stream, which the libraries are given as well.
    try (Device device = Device.onStream(backend, 0, 0);
        Cudnn cudnn = open(out, () -> Cudnn.open(0));
        CublasLt cublas = open(out, () -> CublasLt.open(0));
        Stopwatch watch = new Stopwatch(device, settings.repeats())) {
      if (cudnn == null && cublas == null) {
        out.println("nothing to compare with");
        return UNUSABLE;
      }
      Table table = new Table(out, device, settings.storage(), cudnn, cublas, watch);
      table.header(settings);
      boolean differ = false;
      for (ConvolutionLayer layer : layers) {
        differ |= table.differs(layer);
      }
      return differ ? DIFFERENT : 0;
    }
  }

  private static <T> @Nullable T open(PrintStream out, Supplier<T> library) {
    try {
      return library.get();
    } catch (LibraryException e) {
      out.println(e.getMessage());
      return null;
    }
  }

  /// The table that is printed.
  private record Table(
      PrintStream out,
      Device device,
      Storage storage,
      @Nullable Cudnn cudnn,
      @Nullable CublasLt cublas,
      Stopwatch watch) {
    void header(Settings settings) {
      out.println(device);
      out.println(cublas == null ? "no cuBLASLt" : cublas.version());
      out.println(cudnn == null ? "no cuDNN" : cudnn.version());
      out.printf(
          Locale.ROOT,
          "%s, side %d, batch %d, %s; milliseconds, median of rounds of %d; errors relative to the"
              + " baseline%n%n",
          settings.arch(),
          settings.side(),
          settings.batch(),
          storage,
          settings.repeats());
      out.printf(
          "%-32s %10s %10s %6s  %10s %10s %6s  %8s%n",
          "convolution", "forward", "baseline", "ratio", "backward", "baseline", "ratio", "error");
    }

    // Prints the line of a convolution; says whether results differ.
    boolean differs(ConvolutionLayer layer) {
      String name = "%-32s ".formatted(layer);
      boolean pointwise = layer.attributes().family() == Family.POINTWISE;
      if (pointwise ? cublas == null : cudnn == null) {
        out.println(name + (pointwise ? "no cuBLASLt" : "no cuDNN"));
        return false;
      }
      ElementType gradients = pointwise ? ElementType.F32 : ElementType.of(storage);
      try (Operands operands = new Operands(device, layer, storage, gradients);
          Side ours = new OurConvolution(device, operands);
          Side theirs = baseline(operands)) {
        Comparison comparison = Comparison.of(device, operands, ours, theirs, gradients);
        boolean agree = comparison.worst() <= Comparison.tolerance(storage);
        double forward = watch.milliseconds(ours::forward);
        double forwardBaseline = watch.milliseconds(theirs::forward);
        double backward = watch.milliseconds(ours::backward);
        double backwardBaseline = watch.milliseconds(theirs::backward);
        out.printf(
            Locale.ROOT,
            "%s%10.4f %10.4f %6.2f  %10.4f %10.4f %6.2f  %8.1e%s%n",
            name,
            forward,
            forwardBaseline,
            forward / forwardBaseline,
            backward,
            backwardBaseline,
            backward / backwardBaseline,
            comparison.worst(),
            agree ? "" : "  RESULTS DIFFER: " + comparison);
        return !agree;
      } catch (LibraryException e) {
        out.println(name + e.getMessage());
        return false;
      }
    }

    Side baseline(Operands operands) {
      if (cublas != null && operands.layer.attributes().family() == Family.POINTWISE) {
        return new CublasLtSide(cublas, device, operands, WORKSPACE_BYTES, watch);
      }
      if (cudnn != null) {
        return new CudnnSide(cudnn, device, operands, WORKSPACE_BYTES);
      }
      throw new LibraryException("no library for " + operands.layer);
    }
  }

  /// What to measure.
  record Settings(String arch, int side, int batch, Storage storage, int repeats) {
    static Settings parse(String... arguments) {
      Settings s = new Settings("efficientnet_b4", 384, 8, Storage.BF16, 20);
      for (int i = 0; i < arguments.length; i += 2) {
        String option = arguments[i];
        if (i + 1 == arguments.length) {
          throw wrong(option, "has no value");
        }
        s = s.with(option, arguments[i + 1]);
      }
      return s;
    }

    private Settings with(String option, String value) {
      return switch (option) {
        case "--arch" -> new Settings(value, side, batch, storage, repeats);
        case "--side" -> new Settings(arch, count(option, value), batch, storage, repeats);
        case "--batch" -> new Settings(arch, side, count(option, value), storage, repeats);
        case "--storage" -> new Settings(arch, side, batch, type(option, value), repeats);
        case "--repeats" -> new Settings(arch, side, batch, storage, count(option, value));
        default -> throw wrong(option, "is no option");
      };
    }

    private static int count(String option, String value) {
      if (!value.matches("[1-9]\\d{0,4}")) {
        throw wrong(option + " " + value, "is no number from 1 to 99999");
      }
      return Integer.parseInt(value);
    }

    private static Storage type(String option, String value) {
      return switch (value) {
        case "bf16" -> Storage.BF16;
        case "f32" -> Storage.F32;
        default -> throw wrong(option + " " + value, "is neither bf16 nor f32");
      };
    }

    private static InputException wrong(String option, String problem) {
      return new InputException(
          option, problem, "Options are --arch, --side, --batch, --storage and --repeats");
    }
  }
}
