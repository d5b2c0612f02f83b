package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.network.checkpoint.Safetensors;

/// Training of classifiers with values beside their classes.
class ClassifierTest {
  private static final int BATCH = 12;
  private static final int SIDE = 32;
  private static final int CLASSES = 3;
  private static final int TARGETS = 1;
  private static final int OUTPUTS = CLASSES + TARGETS;
  private static final String TINY = "efficientnet_w0.25_d0.25";

  private static Device open() {
    return Device.open(Backend.load("cpu"), 0, 2, Device.Isa.BEST);
  }

  /// A classifier's optimizer step on one batch, whose images tell their class and value.
  private static final class Training implements AutoCloseable {
    private final Device device = open();
    private final Arena arena = Arena.ofConfined();
    private final ParameterStore store;
    private final Tensor step;
    private final Tensor losses;
    private final Program program;
    private long index;

    Training(Network network, boolean frozen) {
      store = ParameterStore.forTraining(device, network.layout(), false);
      network.initialise(store, 3);
      Graph graph = new Graph(network.layout(), true, Storage.F32);
      step = StepState.tensor(graph);
      Tensor image = graph.input("image", Storage.F32, BATCH, SIDE, SIDE, 3);
      if (frozen) {
        graph.trainable(name -> name.startsWith("classifier."));
      }
      List<View> features =
          frozen
              ? graph.evaluating(() -> network.encode(graph, image, null))
              : network.encode(graph, image, step);
      int width = network.architecture().top();
      Tensor embedding = graph.intermediate("embedding", Storage.F32, BATCH, width);
      Tensor output = graph.intermediate("output", Storage.F32, BATCH, OUTPUTS);
      network.classify(graph, features.getLast(), embedding, output, step);
      losses = graph.result("losses", Storage.F32, 3);
      Tensor labels = graph.input("labels", Storage.F32, BATCH);
      Tensor values = graph.input("values", Storage.F32, BATCH, TARGETS);
      graph.add(
          new Loss.Supervised(
              new Loss.Supervision(CLASSES, TARGETS, 0, 1, 1, 1, 1f / BATCH),
              output,
              labels,
              values,
              null,
              graph.intermediate("doutput", Storage.F32, BATCH, OUTPUTS),
              losses,
              graph.result("columns", Storage.F32, BATCH, Loss.SUPERVISED_COLUMNS)));
      graph.differentiate();
      Optimizer.Attributes adamW = new Optimizer.Attributes(0.9f, 0.999f, 1e-8f, 0.01f, 0);
      graph.adamW(adamW, step, graph.result("norm", Storage.F32, 1), false);
      program = Program.compile(device, graph, store, false);
      upload(image, labels, values);
    }

    private void upload(Tensor image, Tensor labels, Tensor values) {
      Random random = new Random(11);
      float[] pixels = new float[BATCH * SIDE * SIDE * 3];
      float[] wanted = new float[BATCH];
      MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, BATCH);
      int size = SIDE * SIDE * 3;
      for (int i = 0; i < BATCH; i++) {
        int label = i % CLASSES;
        numbers.setAtIndex(ValueLayout.JAVA_INT, i, label);
        wanted[i] = i % 2 == 0 ? 1 : -1;
        // The class is how full the image is, the value how bright.
        for (int k = 0; k < size; k++) {
          boolean hit = random.nextInt(2 + 4 * label) == 0;
          pixels[i * size + k] = hit ? (wanted[i] > 0 ? 0.9f : 0.3f) : 0;
        }
      }
      program.upload(pixels, image);
      program.upload(numbers, labels);
      program.upload(wanted, values);
    }

    /// Losses of a step.
    float[] run(double rate) {
      new StepState(1, ++index, rate, 0.9, 0.999, 0).upload(program, step);
      program.run();
      return program.download(losses);
    }

    Map<String, float[]> parameters() {
      Map<String, float[]> all = new HashMap<>();
      for (ParameterLayout.Entry entry : store.layout().entries()) {
        all.put(entry.name(), store.get(Slab.PARAMETERS, entry.name()));
      }
      return all;
    }

    void take(Map<String, float[]> parameters) {
      parameters.forEach((name, values) -> store.set(Slab.PARAMETERS, name, values));
    }

    @Override
    public void close() {
      program.close();
      store.close();
      arena.close();
      device.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"small_cnn, 0", "small_cnn, 0.2", TINY + ", 0.2"})
  void learns(String name, double dropout) {
    Architecture architecture = Architecture.named(name).withDropout(dropout);
    try (Training training = new Training(Network.classifier(architecture, OUTPUTS), false)) {
      float[] first = training.run(3e-3);
      float[] last = first;
      for (int i = 0; i < 40; i++) {
        last = training.run(3e-3);
      }
      assertEquals(first[1] + first[2], first[0], 1e-5);
      assertTrue(last[1] < 0.5 * first[1], Arrays.toString(first) + Arrays.toString(last));
      assertTrue(last[2] < 0.5 * first[2], Arrays.toString(first) + Arrays.toString(last));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small_cnn", TINY})
  void aFrozenEncoderStaysToTheBit(String name) {
    Architecture architecture = Architecture.named(name).withDropout(0.2);
    try (Training training = new Training(Network.classifier(architecture, OUTPUTS), true)) {
      training.take(afterSomeSteps(architecture));
      Map<String, float[]> before = training.parameters();
      float[] first = training.run(1e-2);
      float[] last = first;
      for (int i = 0; i < 40; i++) {
        last = training.run(1e-2);
      }
      assertTrue(last[0] < 0.7 * first[0], Arrays.toString(first) + Arrays.toString(last));
      int frozen = 0;
      for (Map.Entry<String, float[]> entry : training.parameters().entrySet()) {
        float[] old = present(before.get(entry.getKey()));
        if (entry.getKey().startsWith("features.")) {
          assertArrayEquals(old, entry.getValue(), entry.getKey());
          frozen++;
        } else {
          assertTrue(!Arrays.equals(old, entry.getValue()), entry.getKey());
        }
      }
      assertTrue(frozen > 30, frozen + " frozen");
    }
  }

  /// Parameters of an encoder whose running statistics are those of its activations; a new head.
  private static Map<String, float[]> afterSomeSteps(Architecture architecture) {
    try (Training training = new Training(Network.classifier(architecture, OUTPUTS), false)) {
      Map<String, float[]> parameters = training.parameters();
      for (int i = 0; i < 80; i++) {
        training.run(1e-3);
      }
      Map<String, float[]> after = training.parameters();
      parameters.replaceAll(
          (name, old) -> name.startsWith("features.") ? present(after.get(name)) : old);
      return parameters;
    }
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("absent");
    }
    return value;
  }

  @Test
  void dropoutNeedsTheStep() {
    Network network = Network.classifier(Architecture.SMALL_CNN.withDropout(0.2), OUTPUTS);
    Graph graph = new Graph(network.layout(), true, Storage.F32);
    Tensor image = graph.input("image", Storage.F32, 1, SIDE, SIDE, 3);
    View top = network.encode(graph, image, null).getLast();
    Tensor embedding = graph.intermediate("embedding", Storage.F32, 1, 128);
    Tensor output = graph.result("output", Storage.F32, 1, OUTPUTS);
    assertThrows(
        IllegalArgumentException.class,
        () -> network.classify(graph, top, embedding, output, null));
  }

  @ParameterizedTest
  @CsvSource({"96, 48, 24, 12, 6", "50, 25, 13, 7, 4", "1, 1, 1, 1, 1"})
  void smallCnnHalvesTheImageFourTimes(int side, int stem, int first, int second, int third) {
    Network network = Network.classifier(Architecture.SMALL_CNN, OUTPUTS);
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    Tensor image = graph.input("image", Storage.F32, 2, side, side, 3);
    List<View> stages = network.encode(graph, image, null);
    assertEquals(
        List.of(List.of(stem, 16), List.of(first, 32), List.of(second, 64), List.of(third, 128)),
        stages.stream().map(stage -> List.of(stage.h(), stage.c())).toList());
  }

  @Test
  void smallCnnHasThePartsThatItsNameSays() {
    Network network = Network.classifier(Architecture.SMALL_CNN, OUTPUTS);
    int learned = 0;
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      learned += entry.group() == ParameterLayout.Group.STATE ? 0 : entry.elements();
    }
    // Convolutions, two vectors a batch norm, the linear layer.
    int dense = 16 * 27 + 2 * 16;
    int depthwise = (16 + 32 + 64) * (9 + 2);
    int pointwise = 32 * (16 + 2) + 64 * (32 + 2) + 128 * (64 + 2);
    assertEquals(dense + depthwise + pointwise + OUTPUTS * (128 + 1), learned);
    assertEquals(Network.Kind.CLASSIFIER, network.kind());
    assertEquals(OUTPUTS, network.outputs());
  }

  @Test
  void smallCnnIsReadBackFromItsFile(@TempDir Path folder) {
    Path file = folder.resolve("small.safetensors");
    Network network = Network.classifier(Architecture.SMALL_CNN, OUTPUTS);
    try (Device device = open();
        ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      network.initialise(store, 5);
      Safetensors.write(file, StateDict.tensors(store, Slab.PARAMETERS), Map.of());
      Network read = StateDict.network(StateDict.read(file));
      assertEquals(Architecture.SMALL_CNN, read.architecture());
      assertEquals(OUTPUTS, read.outputs());
      try (ParameterStore other = ParameterStore.forInference(device, read.layout())) {
        StateDict.load(StateDict.read(file), other);
        for (ParameterLayout.Entry entry : network.layout().entries()) {
          assertArrayEquals(
              store.get(Slab.PARAMETERS, entry.name()),
              other.get(Slab.PARAMETERS, entry.name()),
              entry.name());
        }
      }
    }
  }

  @Test
  void smallCnnHasNoDecoderAndNoFoldedEncoder() {
    InputException decoder =
        assertThrows(InputException.class, () -> Network.autoencoder(Architecture.SMALL_CNN));
    assertTrue(decoder.getMessage().contains("small_cnn"), decoder.getMessage());
    Network network = Network.classifier(Architecture.SMALL_CNN, OUTPUTS);
    try (Device device = open();
        ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      InputException encoder =
          assertThrows(
              InputException.class,
              () -> Encoder.of(device, network, store, Slab.PARAMETERS, SIDE, 1, Storage.F32));
      assertTrue(encoder.getMessage().contains("small_cnn"), encoder.getMessage());
    }
  }
}
