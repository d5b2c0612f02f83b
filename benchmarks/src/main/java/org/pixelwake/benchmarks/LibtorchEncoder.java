package org.pixelwake.benchmarks;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Times encoder inference in libtorch.
@Command(
    name = "LibtorchEncoder",
    mixinStandardHelpOptions = true,
    description = "Times encoder inference of a scripted model in libtorch; prints JSON.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class LibtorchEncoder extends PeerEncoder {
  /// What is done to the loaded model.
  enum Preparation {
    /// Nothing.
    PLAIN,
    /// Weights become constants, batch norms part of the convolutions.
    FROZEN,
    /// Further rewritten to oneDNN's operations on packed weights.
    OPTIMIZED
  }

  @Option(names = "--layout", defaultValue = "nchw", description = "${COMPLETION-CANDIDATES}.")
  private Layout layout;

  @Option(
      names = "--preparation",
      defaultValue = "frozen",
      description = "Of the model: ${COMPLETION-CANDIDATES}.")
  private Preparation preparation;

  @Option(
      names = "--executor",
      defaultValue = "simple",
      description = "Executor of TorchScript: ${COMPLETION-CANDIDATES}.")
  private GraphExecutor executor;

  private LibtorchEncoder() {}

  /// @param arguments as `--help` lists them
  public static void main(String[] arguments) {
    CommandLine command = new CommandLine(new LibtorchEncoder());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(arguments));
  }

  @Override
  Encoder open(float[] images) throws IOException {
    Libtorch.load(threads());
    executor.choose();
    JitModule model = torch.load(file(".pt").toString());
    model.eval();
    Libtorch.arrange(model, layout);
    model =
        switch (preparation) {
          case PLAIN -> model;
          case FROZEN -> torch.freeze(model);
          case OPTIMIZED -> torch.optimize_for_inference(model);
        };
    Tensor batch =
        torch.tensor(images).view(batch(), 3, side(), side()).contiguous(layout.format());
    return new Model(model, batch);
  }

  @Override
  Map<String, Object> describe() {
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("library", "libtorch " + torch.TORCH_VERSION);
    description.put("precision", "f32");
    description.put("layout", layout.label());
    description.put("preparation", preparation.name().toLowerCase(Locale.ROOT));
    description.put("executor", executor.name().toLowerCase(Locale.ROOT));
    return description;
  }

  private static final class Model implements Encoder {
    private final JitModule model;
    private final Tensor batch;
    private final InferenceMode mode = new InferenceMode();
    private IValue answer = new IValue();

    Model(JitModule model, Tensor batch) {
      this.model = model;
      this.batch = batch;
    }

    @Override
    public void run() {
      try (PointerScope _ = new PointerScope()) {
        answer.close();
        answer = model.forward(new IValueVector(new IValue(batch)));
        answer.retainReference();
      }
    }

    @Override
    public float[] embeddings() {
      try (PointerScope _ = new PointerScope()) {
        Tensor plain = answer.toTensor().to(ScalarType.Float).contiguous();
        float[] values = new float[Math.toIntExact(plain.numel())];
        new FloatPointer(plain.data_ptr_float()).get(values);
        return values;
      }
    }

    @Override
    public void close() {
      answer.close();
      mode.close();
    }
  }
}
