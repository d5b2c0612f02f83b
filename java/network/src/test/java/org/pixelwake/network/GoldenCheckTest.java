package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// Parity with PyTorch, through the golden files of the reference.
@Tag("slow")
class GoldenCheckTest {
  private static final Path RESOURCES = Path.of("src/test/resources/golden");

  /// The CPU with each instruction set, the CUDA kernels on a GPU and emulated; of these, the
  /// backends that `-Dpixelwake.devices` names. Asked for by name, they must be there.
  static Stream<Arguments> devices() {
    String asked = System.getProperty("pixelwake.devices", "").strip();
    Set<String> names = Set.of(asked.split("\\s*,\\s*"));
    Stream<Arguments> cpu = Arrays.stream(Device.Isa.values()).map(isa -> arguments("cpu", isa));
    Stream<Arguments> others =
        Stream.of("emulated", "cuda").map(name -> arguments(name, Device.Isa.BEST));
    return Stream.concat(cpu, others)
        .filter(one -> asked.isEmpty() || names.contains(one.get()[0]));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("devices")
  void tinyAutoencoder(String backend, Device.Isa isa) {
    try (Device device = open(backend, isa, 2)) {
      List<GoldenCheck.Row> rows = run(device, RESOURCES, "autoencoder_tiny");
      // Outputs, losses of three steps, gradients, running statistics and parameters: all of the
      // file but the input, and all parameters together.
      assertEquals(547, rows.size(), () -> GoldenCheck.table(rows));
    }
  }

  @Test
  void oneThreadGivesTheSameErrors() {
    try (Device one = open("cpu", Device.Isa.BEST, 1);
        Device two = open("cpu", Device.Isa.BEST, 2)) {
      assertEquals(
          run(one, RESOURCES, "autoencoder_tiny"), run(two, RESOURCES, "autoencoder_tiny"));
    }
  }

  @Test
  void classifier() {
    Path folder = reference();
    try (Device device = open("cpu", Device.Isa.BEST, 2)) {
      assertEquals(4, run(device, folder, "efficientnet_half_random").size());
    }
  }

  /// A classifier on the encoder of the tiny autoencoder. PyTorch's features are in the golden
  /// file; their means over the image and the answers of a made-up linear layer are worked out
  /// here.
  @Test
  void tinyClassifier() {
    TensorMap autoencoder = StateDict.read(RESOURCES.resolve("autoencoder_tiny.pth"));
    TensorMap golden = StateDict.read(RESOURCES.resolve("autoencoder_tiny.golden.safetensors"));
    NamedTensor features = golden.get("eval.features.8");
    int n = (int) features.shape()[0];
    int width = (int) features.shape()[1];
    float[] embedding = means(features.toFloats(), n * width);
    Random random = new Random(3);
    int outputs = 5;
    float[] weight = new float[outputs * width];
    float[] bias = new float[outputs];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = random.nextFloat() - 0.5f;
    }
    for (int i = 0; i < outputs; i++) {
      bias[i] = random.nextFloat();
    }
    float[] logits = new float[n * outputs];
    for (int i = 0; i < logits.length; i++) {
      double sum = bias[i % outputs];
      for (int k = 0; k < width; k++) {
        sum += (double) weight[i % outputs * width + k] * embedding[i / outputs * width + k];
      }
      logits[i] = (float) sum;
    }
    List<NamedTensor> weights =
        new ArrayList<>(
            autoencoder.tensors().stream().filter(t -> t.name().startsWith("features.")).toList());
    weights.add(NamedTensor.ofFloats("classifier.1.weight", weight, outputs, width));
    weights.add(NamedTensor.ofFloats("classifier.1.bias", bias, outputs));
    List<NamedTensor> expected =
        List.of(
            golden.get("input"),
            new NamedTensor("features", features.dtype(), features.shape(), features.data()),
            NamedTensor.ofFloats("embedding", embedding, n, width),
            NamedTensor.ofFloats("logits", logits, n, outputs));
    try (Device device = open("cpu", Device.Isa.BEST, 2)) {
      TensorMap classifier = new TensorMap("classifier", weights, Map.of());
      assertEquals(4, run(device, classifier, new TensorMap("answers", expected, Map.of())).size());
    }
  }

  private static float[] means(float[] values, int count) {
    int area = values.length / count;
    float[] means = new float[count];
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int k = 0; k < area; k++) {
        sum += values[i * area + k];
      }
      means[i] = (float) (sum / area);
    }
    return means;
  }

  /// The standard classifiers of a thousand classes have as many parameters as torchvision's
  /// documentation says.
  @ParameterizedTest
  @CsvSource({
    "efficientnet_b0, 5288548",
    "efficientnet_b1, 7794184",
    "efficientnet_b2, 9109994",
    "efficientnet_b3, 12233232",
    "efficientnet_b4, 19341616",
    "efficientnet_b5, 30389784",
    "efficientnet_b6, 43040704",
    "efficientnet_b7, 66347960"
  })
  void standardClassifiersHaveTorchvisionsParameters(String name, long parameters) {
    Network network = Network.classifier(Architecture.named(name), 1000);
    assertEquals(
        parameters,
        network.layout().entries().stream()
            .filter(entry -> entry.group() != ParameterLayout.Group.STATE)
            .mapToLong(ParameterLayout.Entry::elements)
            .sum());
  }

  /// The standard B0 and B4, whose golden files are too large to keep: PyTorch makes them now.
  @Test
  void standardClassifiersMadeOnDemand(@TempDir Path made) throws Exception {
    Path script = reference().resolve("make_goldens.py");
    assumeTrue(
        python("-c", "import torch, torchvision") == 0,
        "skipped: /usr/bin/python3 has no torch and torchvision (python3-torch, python3-torchvision)");
    assertEquals(0, python(script.toString(), made.toString(), "b0", "b4"));
    try (Device device = open("cpu", Device.Isa.BEST, 2)) {
      assertEquals(4, run(device, made, "efficientnet_b0_random").size());
      assertEquals(4, run(device, made, "efficientnet_b4_random").size());
    }
  }

  // Debian's interpreter, which its torch packages belong to.
  private static int python(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-B"));
    command.addAll(List.of(arguments));
    if (!Files.isExecutable(Path.of(command.getFirst()))) {
      return -1;
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static List<GoldenCheck.Row> run(Device device, Path folder, String name) {
    return run(
        device,
        StateDict.read(folder.resolve(name + ".pth")),
        StateDict.read(folder.resolve(name + ".golden.safetensors")));
  }

  private static List<GoldenCheck.Row> run(Device device, TensorMap weights, TensorMap golden) {
    List<GoldenCheck.Row> rows = GoldenCheck.run(device, weights, golden);
    assertTrue(rows.stream().allMatch(GoldenCheck.Row::passed), () -> GoldenCheck.table(rows));
    return rows;
  }

  private static Device open(String backend, Device.Isa isa, int threads) {
    Backend.Availability found = Backend.probe(backend);
    // The CPU library is on every machine that builds Pixelwake.
    boolean asked = backend.equals("cpu") || !System.getProperty("pixelwake.devices", "").isBlank();
    assumeTrue(asked || found.usable(), () -> "skipped: " + backend + ": " + found.detail());
    assertTrue(found.usable(), () -> backend + " cannot be used: " + found.detail());
    try {
      return Device.open(Backend.load(backend), 0, threads, isa);
    } catch (NativeException e) {
      // An instruction set that this processor lacks.
      assumeTrue(e.status() != 2, "skipped: " + e.getMessage());
      throw e;
    }
  }

  private static Path reference() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/reference"))) {
        return at.resolve("shared/reference");
      }
    }
    return Assumptions.abort("skipped: ../shared/reference is not there");
  }
}
