package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
  private static final TensorMap AUTOENCODER_GOLDEN =
      StateDict.read(Path.of("src/test/resources/golden/hits_autoencoder_tiny.safetensors"));
  private static final Hits.Attributes ATTRIBUTES = new Hits.Attributes(false, 0, 400, 100);
  private static final int CLASSES = 3;
  private static final int QUANTITIES = 4;
  private static final int SPARE = 7;
  private static final Network NETWORK =
      Network.classifier(HitsArchitecture.named("hits_w8_d2").withDropout(0), CLASSES);
  private static final Network AUTOENCODER =
      Network.autoencoder(HitsArchitecture.named("hits_w8_d2"), QUANTITIES);

  @ParameterizedTest
  @EnumSource(Device.Isa.class)
  void outputsAndGradientsAreThoseOfTheSpecification(Device.Isa isa) {
    try (Device device = open(isa)) {
      compareClassifier(device);
      compareAutoencoder(device);
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

  // What a golden file holds of clusters, as a graph's inputs.
  private static final class Given {
    final TensorMap golden;
    final int n;
    final int count;
    final Rasterize.Hits hits;
    final Tensor step;

    Given(TensorMap golden, Graph graph) {
      this.golden = golden;
      n = floats("offsets").length - 1;
      count = floats("hits").length / 4;
      step = StepState.tensor(graph);
      int capacity = capacity();
      hits =
          new Rasterize.Hits(
              graph.input("x", Storage.BF16, capacity),
              graph.input("y", Storage.BF16, capacity),
              graph.input("energy", Storage.F32, capacity),
              graph.input("toa", Storage.F32, capacity),
              graph.input("offsets", Storage.F32, n + 1),
              graph.input("ids", Storage.F32, 2 * n));
    }

    float[] floats(String name) {
      return golden.get(name).toFloats();
    }

    // Rows behind the last hit do not matter.
    int capacity() {
      return count + SPARE;
    }

    // Copies the clusters; energy and time of hidden hits are 0.
    void upload(Program program, Arena arena, float[] hidden) {
      float[] given = floats("hits");
      float[] starts = floats("offsets");
      MemorySegment x = arena.allocate(ValueLayout.JAVA_SHORT, capacity());
      MemorySegment y = arena.allocate(ValueLayout.JAVA_SHORT, capacity());
      MemorySegment offsets = arena.allocate(ValueLayout.JAVA_INT, n + 1L);
      float[] energy = new float[count];
      float[] toa = new float[count];
      for (int i = 0; i < count; i++) {
        x.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) given[4 * i]);
        y.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) given[4 * i + 1]);
        energy[i] = given[4 * i + 2] * (1 - hidden[i]);
        toa[i] = given[4 * i + 3] * (1 - hidden[i]);
      }
      for (int i = 0; i <= n; i++) {
        offsets.setAtIndex(ValueLayout.JAVA_INT, i, (int) starts[i]);
      }
      program.upload(x, hits.x());
      program.upload(y, hits.y());
      program.upload(energy, hits.energy());
      program.upload(toa, hits.toa());
      program.upload(offsets, hits.offsets());
      program.upload(arena.allocate(ValueLayout.JAVA_LONG, n), hits.ids());
      new StepState(1, 1, 0, 0, 0, 0).upload(program, step);
    }
  }

  // Runs forward and backward with the golden parameters, and compares all gradients.
  private static void run(
      Device device,
      Graph graph,
      Network network,
      Given given,
      BiConsumer<Program, Arena> fill,
      Consumer<Program> compare) {
    graph.keepGradients();
    graph.differentiate();
    Map<String, Tensor> gradients = new HashMap<>();
    try (Arena arena = Arena.ofConfined();
        ParameterStore store = ParameterStore.forTraining(device, network.layout(), false)) {
      for (ParameterLayout.Entry entry : network.layout().entries()) {
        store.set(Slab.PARAMETERS, entry.name(), given.floats("parameter." + entry.name()));
        gradients.put(entry.name(), graph.gradient(graph.parameter(entry.name())));
      }
      try (Program program = Program.compile(device, graph, store, false)) {
        fill.accept(program, arena);
        program.run();
        compare.accept(program);
        gradients.forEach((name, gradient) ->
            near(name, given.floats("gradient." + name), program.download(gradient), 1e-4));
      }
    }
  }

  private static void compareClassifier(Device device) {
    Graph graph = new Graph(NETWORK.layout(), true, Storage.F32);
    Given given = new Given(GOLDEN, graph);
    int n = given.n;
    Tensor embedding = graph.result("embedding", Storage.F32, n, NETWORK.shape().top());
    Tensor output = graph.result("output", Storage.F32, n, CLASSES);
    NETWORK.embed(graph, ATTRIBUTES, given.hits, given.step, embedding);
    NETWORK.classify(graph, embedding, output, given.step);
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
    run(
        device,
        graph,
        NETWORK,
        given,
        (program, arena) -> {
          given.upload(program, arena, new float[given.count]);
          MemorySegment classes = arena.allocate(ValueLayout.JAVA_INT, n);
          for (int i = 0; i < n; i++) {
            classes.setAtIndex(ValueLayout.JAVA_INT, i, i % CLASSES);
          }
          program.upload(classes, labels);
        },
        program -> {
          near("embedding", given.floats("embedding"), program.download(embedding), 1e-5);
          near("output", given.floats("output"), program.download(output), 1e-5);
          near("loss", given.floats("loss"), first(program.download(losses), 1), 1e-5);
        });
  }

  private static void compareAutoencoder(Device device) {
    Graph graph = new Graph(AUTOENCODER.layout(), true, Storage.F32);
    Given given = new Given(AUTOENCODER_GOLDEN, graph);
    int n = given.n;
    int heads = Loss.HIT_HEADS;
    Tensor hidden = graph.input("hidden", Storage.F32, given.capacity(), 1);
    Tensor target = graph.input("target", Storage.F32, given.capacity(), heads);
    Tensor embedding = graph.intermediate("embedding", Storage.F32, n, AUTOENCODER.shape().top());
    Network.Seen seen =
        AUTOENCODER.embed(graph, ATTRIBUTES, given.hits, hidden, given.step, embedding);
    Tensor said = graph.result("said", Storage.F32, given.capacity(), heads);
    AUTOENCODER.restore(graph, seen, said);
    Tensor losses = graph.result("losses", Storage.F32, 4);
    Tensor gradient = graph.intermediate("dsaid", Storage.F32, given.capacity(), heads);
    graph.add(
        new Loss.OfHits(
            new Loss.HitWeights(1.5f, 0.7f, 0.4f, 1),
            0,
            given.hits.offsets(),
            said,
            target,
            gradient,
            losses,
            graph.result("columns", Storage.F32, n, Loss.HIT_COLUMNS)));
    Tensor told = graph.result("told", Storage.F32, n, QUANTITIES);
    AUTOENCODER.tell(graph, embedding, told);
    Tensor quantities = graph.input("quantities", Storage.F32, n, QUANTITIES);
    Tensor quantityLosses = graph.result("losses of quantities", Storage.F32, 3);
    graph.add(
        new Loss.Supervised(
            new Loss.Supervision(0, QUANTITIES, 0, 1, 0, 1.2f, 1f / n),
            told,
            null,
            quantities,
            null,
            graph.intermediate("dtold", Storage.F32, n, QUANTITIES),
            quantityLosses,
            graph.result("columns of quantities", Storage.F32, n, Loss.SUPERVISED_COLUMNS)));
    run(
        device,
        graph,
        AUTOENCODER,
        given,
        (program, arena) -> {
          float[] marks = given.floats("hidden");
          given.upload(program, arena, marks);
          program.upload(Arrays.copyOf(marks, given.capacity()), hidden);
          program.upload(Arrays.copyOf(given.floats("target"), given.capacity() * heads), target);
          program.upload(given.floats("quantities"), quantities);
        },
        program -> {
          float[] ofHits = first(program.download(said), given.count * heads);
          near("said", given.floats("said"), ofHits, 1e-5);
          near("told", given.floats("told"), program.download(told), 1e-5);
          near("losses", given.floats("losses"), program.download(losses), 1e-5);
          float[] ofQuantities = {program.download(quantityLosses)[2]};
          near("loss of quantities", given.floats("loss of quantities"), ofQuantities, 1e-5);
        });
  }

  private static float[] first(float[] values, int count) {
    return Arrays.copyOf(values, count);
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

  private static Network read(TensorMap golden) {
    List<NamedTensor> parameters =
        golden.tensors().stream()
            .filter(tensor -> tensor.name().startsWith("parameter."))
            .map(tensor ->
                NamedTensor.ofFloats(
                    tensor.name().substring("parameter.".length()),
                    tensor.toFloats(),
                    tensor.shape()))
            .toList();
    return StateDict.network(new TensorMap("written", parameters, Map.of()));
  }

  @Test
  void networkOfAFileIsReadOffItsTensors() {
    Network read = read(GOLDEN);
    assertEquals("hits_w8_d2", read.shape().name());
    assertEquals(CLASSES, read.outputs());
    assertEquals(NETWORK.layout().entries(), read.layout().entries());
    Network autoencoder = read(AUTOENCODER_GOLDEN);
    assertEquals(Network.Kind.AUTOENCODER, autoencoder.kind());
    assertEquals(QUANTITIES, autoencoder.outputs());
    assertEquals(AUTOENCODER.layout().entries(), autoencoder.layout().entries());
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
