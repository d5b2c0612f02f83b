package org.pixelwake.benchmarks;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Times encoder inference in ONNX Runtime on the CPU.
@Command(
    name = "OnnxEncoder",
    mixinStandardHelpOptions = true,
    description = "Times encoder inference in ONNX Runtime; prints JSON.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class OnnxEncoder extends PeerEncoder {
  @Option(
      names = "--execution",
      defaultValue = "sequential",
      description = "Of operations that do not depend on each other: ${COMPLETION-CANDIDATES}.")
  private ExecutionMode execution;

  @Option(
      names = "--memory-pattern",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Plan the memory of a run after the first.")
  private boolean memoryPattern;

  @Option(
      names = "--arena",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Keep memory for the next run.")
  private boolean arena;

  @Option(
      names = "--spinning",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Let idle threads spin.")
  private boolean spinning;

  private OnnxEncoder() {}

  /// @param arguments as `--help` lists them
  public static void main(String[] arguments) {
    CommandLine command = new CommandLine(new OnnxEncoder());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(arguments));
  }

  @Override
  Encoder open(float[] images) throws IOException {
    String model = file("-b" + batch() + ".onnx").toString();
    try {
      return new Session(model, images, new long[] {batch(), 3, side(), side()});
    } catch (OrtException e) {
      throw new IOException(model, e);
    }
  }

  @Override
  Map<String, Object> describe() {
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("library", "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion());
    description.put("precision", "f32");
    description.put("execution", execution.name().toLowerCase(Locale.ROOT));
    description.put("memory_pattern", memoryPattern);
    description.put("arena", arena);
    description.put("spinning", spinning);
    return description;
  }

  private SessionOptions options() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setOptimizationLevel(OptLevel.ALL_OPT);
    options.setIntraOpNumThreads(threads());
    options.setInterOpNumThreads(execution == ExecutionMode.PARALLEL ? threads() : 1);
    options.setExecutionMode(execution);
    options.setMemoryPatternOptimization(memoryPattern);
    options.setCPUArenaAllocator(arena);
    options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
    return options;
  }

  /// Input and output stay in memory of the caller, so that no run allocates or copies them.
  private final class Session implements Encoder {
    private final OrtSession session;
    private final OnnxTensor input;
    private final Map<String, OnnxTensor> inputs;
    private final OnnxTensor output;
    private final Map<String, OnnxTensor> outputs;
    private final FloatBuffer embeddings;

    Session(String model, float[] images, long[] shape) throws OrtException {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      try (SessionOptions options = options()) {
        session = environment.createSession(model, options);
      }
      input = OnnxTensor.createTensor(environment, direct(images.length).put(0, images), shape);
      inputs = Map.of("images", input);
      long[] answer = answerShape();
      embeddings = direct(Math.toIntExact(answer[0] * answer[1]));
      output = OnnxTensor.createTensor(environment, embeddings, answer);
      outputs = Map.of("embedding", output);
    }

    private long[] answerShape() throws OrtException {
      NodeInfo embedding = session.getOutputInfo().values().iterator().next();
      return ((TensorInfo) embedding.getInfo()).getShape();
    }

    private static FloatBuffer direct(int floats) {
      return ByteBuffer.allocateDirect(floats * Float.BYTES)
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer();
    }

    @Override
    public void run() throws IOException {
      try {
        session.run(inputs, outputs).close();
      } catch (OrtException e) {
        throw new IOException(e);
      }
    }

    @Override
    public float[] embeddings() {
      float[] values = new float[embeddings.capacity()];
      embeddings.get(0, values);
      return values;
    }

    @Override
    public void close() throws IOException {
      output.close();
      input.close();
      try {
        session.close();
      } catch (OrtException e) {
        throw new IOException(e);
      }
    }
  }
}
