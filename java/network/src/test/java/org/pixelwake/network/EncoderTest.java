package org.pixelwake.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// The encoder with its batch norms folded in against the network in evaluation mode, with weights
/// and running statistics that PyTorch made.
class EncoderTest {
  private static final int BATCH = 5;
  private static final int SIDE = 64;
  private static final TensorMap WEIGHTS =
      StateDict.read(Path.of("src/test/resources/golden/autoencoder_tiny.pth"));
  private static final Network NETWORK = StateDict.network(WEIGHTS);

  private static Device open(Device.Isa isa, int threads) {
    try {
      return Device.open(Backend.load("cpu"), 0, threads, isa);
    } catch (NativeException e) {
      assumeTrue(e.status() != 2, "skipped: " + e.getMessage());
      throw e;
    }
  }

  private static float[] images(int count) {
    Random random = new Random(7);
    float[] values = new float[count * SIDE * SIDE * 3];
    for (int i = 0; i < values.length; i++) {
      // As in images of tracks, most pixels are empty.
      values[i] = random.nextInt(4) == 0 ? random.nextFloat() : 0;
    }
    return values;
  }

  private static float[] unfolded(
      Device device, Network network, ParameterStore store, float[] values) {
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    Tensor image = graph.input("images", Storage.F32, BATCH, SIDE, SIDE, 3);
    int width = network.architecture().top();
    Tensor embedding = graph.result("embedding", Storage.F32, BATCH, width);
    graph.pool(network.encode(graph, image, null).getLast(), embedding);
    try (Program program = Program.compile(device, graph, store, false)) {
      program.upload(values, image);
      program.run();
      return program.download(embedding);
    }
  }

  private static double error(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += (double) expected[i] * expected[i];
      errors += Math.pow((double) actual[i] - expected[i], 2);
    }
    assertTrue(squares > 0, "all embeddings are zero");
    return Math.sqrt(errors / squares);
  }

  private static ParameterStore store(Device device) {
    ParameterStore store = ParameterStore.forInference(device, NETWORK.layout());
    StateDict.load(WEIGHTS, store);
    return store;
  }

  private static Encoder encoder(Device device, ParameterStore store, Storage storage) {
    return Encoder.of(device, NETWORK, store, Slab.PARAMETERS, SIDE, BATCH, storage);
  }

  @ParameterizedTest
  @EnumSource(Device.Isa.class)
  void equalsTheNetwork(Device.Isa isa) {
    try (Device device = open(isa, 2);
        ParameterStore store = store(device);
        Encoder f32 = encoder(device, store, Storage.F32);
        Encoder bf16 = encoder(device, store, Storage.BF16)) {
      float[] expected = unfolded(device, NETWORK, store, images(BATCH));
      double exact = error(expected, f32.embed(images(BATCH)));
      assertTrue(exact <= 1e-5, "f32: " + exact);
      // 2^-8 a rounding, of which a value sees a few in each of the network's blocks.
      double rounded = error(expected, bf16.embed(images(BATCH)));
      assertTrue(rounded <= 2e-2 && rounded > 1e-5, "bf16: " + rounded);
    }
  }

  @Test
  void equalsTheNetworkWhoseFirstConvolutionHasNoStride() {
    Network network = Network.classifier(NETWORK.architecture().withStemStride(1), 2);
    try (Device device = open(Device.Isa.BEST, 2);
        ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      network.initialise(store, 1);
      float[] expected = unfolded(device, network, store, images(BATCH));
      try (Encoder encoder =
          Encoder.of(device, network, store, Slab.PARAMETERS, SIDE, BATCH, Storage.F32)) {
        double exact = error(expected, encoder.embed(images(BATCH)));
        assertTrue(exact <= 1e-5, "f32: " + exact);
      }
    }
  }

  @Test
  void encodesInPlace() {
    float[] values = images(BATCH);
    int width = NETWORK.architecture().top();
    try (Arena arena = Arena.ofConfined();
        Device device = open(Device.Isa.BEST, 2);
        ParameterStore store = store(device);
        Encoder reference = encoder(device, store, Storage.F32)) {
      MemorySegment in = arena.allocate(4L * values.length, 64);
      in.copyFrom(MemorySegment.ofArray(values));
      MemorySegment out = arena.allocate(4L * BATCH * width, 64);
      try (Memory images = device.wrap(in.address(), in.byteSize());
          Memory embeddings = device.wrap(out.address(), out.byteSize());
          Encoder encoder =
              Encoder.of(
                  device,
                  NETWORK,
                  store,
                  Slab.PARAMETERS,
                  SIDE,
                  BATCH,
                  Storage.F32,
                  images,
                  embeddings)) {
        encoder.encode();
        device.synchronize();
      }
      assertArrayEquals(reference.embed(values), out.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void threadsAndCallsAreOfNoConsequence() {
    try (Device one = open(Device.Isa.BEST, 1);
        Device two = open(Device.Isa.BEST, 2);
        ParameterStore first = store(one);
        ParameterStore second = store(two);
        Encoder single = encoder(one, first, Storage.F32);
        Encoder both = encoder(two, second, Storage.F32)) {
      float[] embeddings = single.embed(images(BATCH));
      assertArrayEquals(embeddings, both.embed(images(BATCH)));
      assertArrayEquals(embeddings, both.embed(images(BATCH)));
    }
  }

  @Test
  void takesFewerImagesThanABatch() {
    try (Device device = open(Device.Isa.BEST, 2);
        ParameterStore store = store(device);
        Encoder encoder = encoder(device, store, Storage.F32)) {
      float[] all = encoder.embed(images(BATCH));
      float[] two = encoder.embed(images(2));
      assertArrayEquals(Arrays.copyOf(all, 2 * encoder.width()), two);
      for (int values : new int[] {0, SIDE, (BATCH + 1) * SIDE * SIDE * 3}) {
        assertThrows(
            IllegalArgumentException.class, () -> encoder.embed(new float[values]), "" + values);
      }
    }
  }
}
