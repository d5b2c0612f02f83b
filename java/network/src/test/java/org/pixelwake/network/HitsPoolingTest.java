package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.PoolLinear;
import org.pixelwake.network.checkpoint.TensorMap;

/// An EfficientNet that averages over hits against its specification in PyTorch
/// (`src/test/python/pool_golden.py`), with the gradients of all parameters.
class HitsPoolingTest {
  private static final TensorMap GOLDEN =
      StateDict.read(Path.of("src/test/resources/golden/pool_tiny.safetensors"));
  private static final int CLASSES = 3;
  private static final int CHANNELS = 3;
  private static final Architecture ARCHITECTURE =
      Architecture.named("efficientnet_w0.1_d0.1")
          .withStemStride(1)
          .withPooling(Architecture.Pooling.HITS)
          .withStochasticDepth(0)
          .withDropout(0);
  private static final Network NETWORK = Network.classifier(ARCHITECTURE, CLASSES);

  private final int n;
  private final int side;
  private final float[] images;

  HitsPoolingTest() {
    long[] shape = GOLDEN.get("images").shape();
    n = (int) shape[0];
    side = (int) shape[2];
    float[] planes = golden("images");
    images = new float[planes.length];
    int pixels = side * side;
    for (int i = 0; i < images.length; i++) {
      int image = i / CHANNELS / pixels;
      images[i] = planes[(image * CHANNELS + i % CHANNELS) * pixels + i / CHANNELS % pixels];
    }
  }

  private static float[] golden(String name) {
    return GOLDEN.get(name).toFloats();
  }

  private static Device open(String backend, Device.Isa isa) {
    try {
      return Device.open(Backend.load(backend), 0, 2, isa);
    } catch (NativeException e) {
      assumeTrue(e.status() != 2, "skipped: " + e.getMessage());
      throw e;
    }
  }

  private static void load(ParameterStore store) {
    for (ParameterLayout.Entry entry : NETWORK.layout().entries()) {
      store.set(Slab.PARAMETERS, entry.name(), golden("parameter." + entry.name()));
    }
  }

  @ParameterizedTest
  @EnumSource(Device.Isa.class)
  void outputsAndGradientsAreThoseOfTheSpecification(Device.Isa isa) {
    try (Device device = open("cpu", isa)) {
      train(device);
      evaluate(device);
    }
  }

  @Test
  void emulatedKernelsToo() {
    assumeTrue(Backend.probe("emulated").usable(), "the emulation was not built");
    try (Device device = open("emulated", Device.Isa.BEST)) {
      train(device);
      evaluate(device);
    }
  }

  private void train(Device device) {
    Graph graph = new Graph(NETWORK.layout(), true, Storage.F32);
    Tensor image = graph.input("image", Storage.F32, n, side, side, CHANNELS);
    Tensor embedding = graph.result("embedding", Storage.F32, n, ARCHITECTURE.top());
    Tensor output = graph.result("output", Storage.F32, n, CLASSES);
    NETWORK.classify(graph, NETWORK.encode(graph, image, null).getLast(), embedding, output, null);
    assertEquals(
        1,
        graph.operations().stream().filter(o -> o instanceof PoolLinear.Sites).count(),
        "sites of all stages are found at once");
    Tensor labels = graph.input("labels", Storage.F32, n);
    Tensor losses = graph.result("losses", Storage.F32, 3);
    graph.add(
        new Loss.Supervised(
            new Loss.Supervision(CLASSES, 0, 0, 1, 1, 1, 1),
            output,
            labels,
            null,
            null,
            graph.intermediate("doutput", Storage.F32, n, CLASSES),
            losses,
            graph.result("columns", Storage.F32, n, Loss.SUPERVISED_COLUMNS)));
    graph.keepGradients();
    graph.differentiate();
    Map<String, Tensor> gradients = new HashMap<>();
    try (Arena arena = Arena.ofConfined();
        ParameterStore store = ParameterStore.forTraining(device, NETWORK.layout(), false)) {
      load(store);
      for (ParameterLayout.Entry entry : NETWORK.layout().entries()) {
        Tensor gradient = graph.gradient(graph.parameter(entry.name()));
        if (gradient != null) {
          gradients.put(entry.name(), gradient);
        }
      }
      try (Program program = Program.compile(device, graph, store, false)) {
        MemorySegment classes = arena.allocate(ValueLayout.JAVA_INT, n);
        for (int i = 0; i < n; i++) {
          classes.setAtIndex(ValueLayout.JAVA_INT, i, i % CLASSES);
        }
        program.upload(images, image);
        program.upload(classes, labels);
        program.run();
        near("embedding", golden("embedding"), program.download(embedding), 1e-5, 0);
        near("output", golden("output"), program.download(output), 1e-5, 0);
        assertEquals(golden("loss")[0], program.download(losses)[0], 1e-5 * golden("loss")[0]);
        assertTrue(gradients.size() > 50, gradients.size() + " gradients");
        gradients.forEach((name, gradient) -> {
          // A bias that the next batch norm takes away has the gradient 0; what is there of it is
          // held against the gradient of the scale beside it.
          double scale =
              name.endsWith(".1.bias")
                  ? largest(golden("gradient." + name.replaceAll("bias$", "weight")))
                  : 0;
          near(name, golden("gradient." + name), program.download(gradient), 1e-4, scale);
        });
      }
    }
  }

  /// With the running statistics: as a network, and with its batch norms folded in.
  private void evaluate(Device device) {
    Graph graph = new Graph(NETWORK.layout(), false, Storage.F32);
    Tensor image = graph.input("image", Storage.F32, n, side, side, CHANNELS);
    Tensor embedding = graph.result("embedding", Storage.F32, n, ARCHITECTURE.top());
    Tensor output = graph.result("output", Storage.F32, n, CLASSES);
    NETWORK.classify(graph, NETWORK.encode(graph, image, null).getLast(), embedding, output, null);
    try (ParameterStore store = ParameterStore.forInference(device, NETWORK.layout())) {
      load(store);
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(images, image);
        program.run();
        near("embedding", golden("eval.embedding"), program.download(embedding), 1e-5, 0);
        near("output", golden("eval.output"), program.download(output), 1e-5, 0);
      }
      for (Storage storage : Storage.values()) {
        try (Encoder folded =
            Encoder.of(device, NETWORK, store, Slab.PARAMETERS, side, n, storage)) {
          float[] found = folded.embed(images);
          double tolerance = storage == Storage.F32 ? 1e-5 : 3e-2;
          near("folded", golden("eval.embedding"), found, tolerance, 0);
          int width = folded.width();
          float[] empty = Arrays.copyOfRange(found, (n - 1) * width, n * width);
          assertArrayEquals(new float[width], empty, "an image without hits");
        }
      }
    }
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void near(
      String what, float[] expected, float[] actual, double tolerance, double least) {
    assertEquals(expected.length, actual.length, what);
    double scale = Math.max(least, largest(expected));
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
    }
    assertTrue(scale > 0, what + " is zero");
    assertTrue(difference <= tolerance * scale, what + ": " + difference / scale);
  }

  @Test
  void poolingIsPartOfTheArchitecture() {
    assertEquals(Architecture.Pooling.CANVAS, Architecture.named("efficientnet_b0").pooling());
    Architecture other = ARCHITECTURE.withDropout(0.3).withStochasticDepth(0.1).withStemStride(2);
    assertEquals(Architecture.Pooling.HITS, other.pooling());
    Network canvas =
        Network.classifier(ARCHITECTURE.withPooling(Architecture.Pooling.CANVAS), CLASSES);
    assertEquals(canvas.layout().entries(), NETWORK.layout().entries());
    Graph graph = new Graph(canvas.layout(), true, Storage.F32);
    Tensor image = graph.input("image", Storage.F32, n, side, side, CHANNELS);
    canvas.encode(graph, image, null);
    assertEquals(
        List.of(), graph.operations().stream().filter(o -> o instanceof PoolLinear.Sites).toList());
  }
}
