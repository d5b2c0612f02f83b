package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// A network over hits against its specification in PyTorch (`src/test/python/hits_golden.py`),
/// with the gradients of all parameters.
class HitsEncoderTest {
  private static final TensorMap GOLDEN =
      StateDict.read(Path.of("src/test/resources/golden/hits_tiny.safetensors"));
  private static final int CLASSES = 3;
  private static final int SPARE = 7;
  private static final Network NETWORK =
      Network.classifier(HitsArchitecture.named("hits_w8_d2").withDropout(0), CLASSES);

  private static float[] golden(String name) {
    return GOLDEN.get(name).toFloats();
  }

  @ParameterizedTest
  @EnumSource(Device.Isa.class)
  void outputsAndGradientsAreThoseOfTheSpecification(Device.Isa isa) {
    try (Device device = open(isa)) {
      compare(device);
    }
  }

  private static Device open(Device.Isa isa) {
    try {
      return Device.open(Backend.load("cpu"), 0, 2, isa);
    } catch (NativeException e) {
      assumeTrue(e.status() != 2, "skipped: " + e.getMessage());
      throw e;
    }
  }

  private static void compare(Device device) {
    float[] hits = golden("hits");
    float[] starts = golden("offsets");
    int n = starts.length - 1;
    int count = hits.length / 4;
    Graph graph = new Graph(NETWORK.layout(), true, Storage.F32);
    Tensor step = StepState.tensor(graph);
    // Rows behind the last hit do not matter.
    int capacity = count + SPARE;
    Rasterize.Hits given =
        new Rasterize.Hits(
            graph.input("x", Storage.BF16, capacity),
            graph.input("y", Storage.BF16, capacity),
            graph.input("energy", Storage.F32, capacity),
            graph.input("toa", Storage.F32, capacity),
            graph.input("offsets", Storage.F32, n + 1),
            graph.input("ids", Storage.F32, 2 * n));
    Tensor embedding = graph.result("embedding", Storage.F32, n, NETWORK.shape().top());
    Tensor output = graph.result("output", Storage.F32, n, CLASSES);
    NETWORK.embed(graph, new Hits.Attributes(false, 0, 400, 100), given, step, embedding);
    NETWORK.classify(graph, embedding, output, step);
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
      for (ParameterLayout.Entry entry : NETWORK.layout().entries()) {
        store.set(Slab.PARAMETERS, entry.name(), golden("parameter." + entry.name()));
        gradients.put(entry.name(), graph.gradient(graph.parameter(entry.name())));
      }
      try (Program program = Program.compile(device, graph, store, false)) {
        MemorySegment x = arena.allocate(ValueLayout.JAVA_SHORT, capacity);
        MemorySegment y = arena.allocate(ValueLayout.JAVA_SHORT, capacity);
        MemorySegment offsets = arena.allocate(ValueLayout.JAVA_INT, n + 1L);
        MemorySegment classes = arena.allocate(ValueLayout.JAVA_INT, n);
        float[] energy = new float[count];
        float[] toa = new float[count];
        for (int i = 0; i < count; i++) {
          x.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) hits[4 * i]);
          y.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) hits[4 * i + 1]);
          energy[i] = hits[4 * i + 2];
          toa[i] = hits[4 * i + 3];
        }
        for (int i = 0; i <= n; i++) {
          offsets.setAtIndex(ValueLayout.JAVA_INT, i, (int) starts[i]);
        }
        for (int i = 0; i < n; i++) {
          classes.setAtIndex(ValueLayout.JAVA_INT, i, i % CLASSES);
        }
        program.upload(x, given.x());
        program.upload(y, given.y());
        program.upload(energy, given.energy());
        program.upload(toa, given.toa());
        program.upload(offsets, given.offsets());
        program.upload(arena.allocate(ValueLayout.JAVA_LONG, n), given.ids());
        program.upload(classes, labels);
        new StepState(1, 1, 0, 0, 0, 0).upload(program, step);
        program.run();
        near("embedding", golden("embedding"), program.download(embedding), 1e-5);
        near("output", golden("output"), program.download(output), 1e-5);
        assertEquals(golden("loss")[0], program.download(losses)[0], 1e-5 * golden("loss")[0]);
        gradients.forEach((name, gradient) ->
            near(name, golden("gradient." + name), program.download(gradient), 1e-4));
      }
    }
  }

  private static void near(String what, float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    assertTrue(largest > 0, what + " is zero");
    assertTrue(difference <= tolerance * largest, what + ": " + difference / largest);
  }

  @Test
  void networkOfAFileIsReadOffItsTensors() {
    List<NamedTensor> parameters =
        GOLDEN.tensors().stream()
            .filter(tensor -> tensor.name().startsWith("parameter."))
            .map(tensor ->
                NamedTensor.ofFloats(
                    tensor.name().substring("parameter.".length()),
                    tensor.toFloats(),
                    tensor.shape()))
            .toList();
    Network read = StateDict.network(new TensorMap("written", parameters, Map.of()));
    assertEquals("hits_w8_d2", read.shape().name());
    assertEquals(CLASSES, read.outputs());
    assertEquals(NETWORK.layout().entries(), read.layout().entries());
  }

  @Test
  void standardNetworksHaveTheirNames() {
    assertEquals(32, HitsArchitecture.named("HITS_S").width());
    assertEquals("hits_m", HitsArchitecture.named("hits_w64_d4").name());
    assertEquals(12 * 6, HitsArchitecture.named("hits_w12_d1").top());
    for (String wrong : new String[] {"hits_xl", "hits_w0_d2", "hits_w8_d0", "hits_w9999_d2"}) {
      assertThrows(InputException.class, () -> HitsArchitecture.named(wrong), wrong);
    }
    ParameterLayout layout = Network.classifier(HitsArchitecture.named("hits_s"), 2).layout();
    assertEquals(List.of(32, Hits.FEATURES), layout.entry("features.0.weight").shape());
  }
}
