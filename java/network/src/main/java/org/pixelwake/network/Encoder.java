package org.pixelwake.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Inference;
import org.pixelwake.engine.op.Inference.Activation;
import org.pixelwake.engine.op.Inference.Weights;
import org.pixelwake.network.Architecture.Block;
import org.pixelwake.network.Architecture.Named;

/// The encoder of a trained network alone, as fast as it runs: images to embeddings, the features
/// before the classifier averaged over the image.
///
/// Batch norms are folded into the convolutions before them, in double precision, so its results
/// differ from those of the network in evaluation mode by rounding only. It holds its own copy of
/// the weights. Used by one thread at a time.
public final class Encoder implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final int batch;
  private final int side;
  private final int width;
  private final ParameterStore packed;
  private final Program program;
  private final Tensor images;
  private final Tensor embeddings;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment staging;

  private Encoder(
      Device device, Folding folding, int side, int batch, Storage storage, Memory[] ends) {
    Architecture a = folding.architecture;
    this.batch = batch;
    this.side = side;
    this.width = a.top();
    ParameterLayout layout =
        new ParameterLayout(folding.layers.stream().map(layer -> layer.entry(device)).toList());
    packed = new ParameterStore(device, layout, Slab.PARAMETERS);
    for (Layer layer : folding.layers) {
      folding.pack(layer, packed);
    }
    Graph graph = new Graph(layout, false, storage);
    images = graph.input("images", Storage.F32, batch, side, side, CHANNELS);
    embeddings = graph.result("embeddings", Storage.F32, batch, width);
    trace(graph, a);
    Map<Tensor, Memory> placed =
        ends.length == 0 ? Map.of() : Map.of(images, ends[0], embeddings, ends[1]);
    program = Program.compile(device, graph, packed, false, placed);
    staging = arena.allocate(4L * batch * side * side * CHANNELS, 64);
  }

  /// Makes the encoder of a network.
  ///
  /// @param store holds the network's parameters and running statistics; not needed afterwards
  /// @param from [Slab#PARAMETERS] or, for the moving averages, [Slab#AVERAGE]
  /// @param side of the images, in image pixels
  /// @param batch images that are encoded at a time, at most
  /// @param storage of the activations; with [Storage#BF16] products are bf16 too where the
  ///   processor multiplies them
  /// @param ends none, or two memories of the caller's choice, such as [Device#wrap] makes of
  ///   device pointers: the one that images (batch, side, side, 3) are read from and the one that
  ///   embeddings (batch, width) are written to, both in f32; see [#encode()]
  /// @throws IllegalArgumentException when a memory is too small or another device's
  public static Encoder of(
      Device device,
      Network network,
      ParameterStore store,
      Slab from,
      int side,
      int batch,
      Storage storage,
      Memory... ends) {
    if (side < 1 || batch < 1 || (ends.length != 0 && ends.length != 2)) {
      throw new IllegalArgumentException(
          "side " + side + ", batch " + batch + ", " + ends.length + " memories");
    }
    if (network.architecture().separable()) {
      throw new InputException(
          network.architecture().name(),
          "only EfficientNets have an encoder with folded batch norms",
          "Use an EfficientNet");
    }
    Folding folding = new Folding(network.architecture(), store, from, storage);
    return new Encoder(device, folding, side, batch, storage, ends);
  }

  /// Length of an embedding.
  public int width() {
    return width;
  }

  /// Encodes images.
  ///
  /// @param values (n, side, side, 3), n from 1 to a batch: energy, time of arrival and threshold
  ///   map, normalised
  /// @return (n, width)
  /// @throws IllegalArgumentException when there are more or none, or a part of one
  public float[] embed(float[] values) {
    int image = side * side * CHANNELS;
    int count = values.length / image;
    if (count < 1 || count > batch || values.length % image != 0) {
      throw new IllegalArgumentException(
          "%d values; an image of side %d has %d, and 1 to %d are encoded at a time"
              .formatted(values.length, side, image, batch));
    }
    MemorySegment.copy(values, 0, staging, ValueLayout.JAVA_FLOAT, 0, values.length);
    // What an earlier call left behind the last image is computed again, and dropped.
    program.upload(staging.asSlice(0, 4L * values.length), images);
    program.run();
    float[] all = program.download(embeddings);
    return count == batch ? all : Arrays.copyOf(all, count * width);
  }

  /// Encodes the images that lie in the device's memory, a whole batch: gives the work to the
  /// device's stream and does not wait for it. For an encoder whose images and embeddings are in
  /// memory of the caller's.
  public void encode() {
    program.submit();
  }

  private void trace(Graph g, Architecture a) {
    Tensor x = images;
    int sides = Math.ceilDiv(side, a.stemStride());
    Tensor stem = g.intermediate("features.0", g.storage(), batch, sides, sides, a.stem());
    g.add(
        new Inference.Dense(
            x, g.parameter("features.0"), 3, a.stemStride(), Activation.SILU, stem));
    x = stem;
    List<@Nullable Tensor> sites = a.sites(g, images);
    int at = 0;
    for (Named named : a.blocks()) {
      x = block(g, named.name(), named.block(), sites.get(++at), x);
    }
    Tensor y = g.intermediate(a.topName(), g.storage(), batch, x.dim(1), x.dim(2), width);
    g.add(
        new Inference.Pointwise(
            x, sites.getLast(), g.parameter(a.topName()), Activation.SILU, y, embeddings));
  }

  private Tensor block(Graph g, String name, Block b, @Nullable Tensor sites, Tensor x) {
    int sides = Math.ceilDiv(x.dim(1), b.stride());
    Tensor y = g.intermediate(name, g.storage(), batch, sides, sides, b.out());
    Inference.BlockShape shape =
        new Inference.BlockShape(b.expanded(), b.squeeze(), b.kernel(), b.stride(), b.residual());
    Inference.BlockWeights weights =
        new Inference.BlockWeights(
            b.expands() ? g.parameter(name + ".expand") : null,
            g.parameter(name + ".depthwise"),
            g.parameter(name + ".squeeze"),
            g.parameter(name + ".excite"),
            g.parameter(name + ".project"));
    g.add(new Inference.Block(x, sites, shape, weights, y));
    return y;
  }

  @Override
  public void close() {
    program.close();
    packed.close();
    arena.close();
  }

  /// A convolution of the encoder.
  ///
  /// @param source prefix of its names in the network: of weight and bias where it has no batch
  ///   norm
  private record Layer(String name, Weights shape, String source, boolean normalised) {
    Entry entry(Device device) {
      return new Entry(name, Group.UNDECAYED, List.of(shape.packedElements(device)));
    }
  }

  /// The convolutions of an encoder, and how their batch norms are folded into them.
  private static final class Folding {
    private final Architecture architecture;
    private final ParameterStore store;
    private final Slab from;
    private final Storage storage;
    private final List<Layer> layers = new ArrayList<>();

    Folding(Architecture architecture, ParameterStore store, Slab from, Storage storage) {
      this.architecture = architecture;
      this.store = store;
      this.from = from;
      this.storage = storage;
      // The first convolution is given f32 images.
      add("features.0", "features.0", true, Storage.F32);
      for (Named named : architecture.blocks()) {
        block(named.name(), named.block());
      }
      add(architecture.topName(), architecture.topName(), true, storage);
    }

    private void block(String name, Block b) {
      String prefix = name + ".block.";
      int i = 0;
      if (b.expands()) {
        add(name + ".expand", prefix + i++, true, storage);
      }
      // Depthwise products are f32 whatever the storage.
      add(name + ".depthwise", prefix + i++, true, Storage.F32);
      add(name + ".squeeze", prefix + i + ".fc1", false, storage);
      add(name + ".excite", prefix + i++ + ".fc2", false, storage);
      add(name + ".project", prefix + i, true, storage);
    }

    private void add(String name, String source, boolean normalised, Storage inputs) {
      List<Integer> shape =
          store.layout().entry(source + (normalised ? ".0" : "") + ".weight").shape();
      Weights weights = new Weights(shape.get(1), shape.get(0), shape.get(2), inputs);
      layers.add(new Layer(name, weights, source, normalised));
    }

    private float[] values(String name) {
      return store.get(from, name);
    }

    void pack(Layer layer, ParameterStore packed) {
      String source = layer.source;
      if (!layer.normalised) {
        float[] weight = values(source + ".weight");
        layer.shape.pack(packed, layer.name, weight, values(source + ".bias"));
        return;
      }
      float[] weight = values(source + ".0.weight");
      float[] gamma = values(source + ".1.weight");
      float[] beta = values(source + ".1.bias");
      float[] mean = values(source + ".1.running_mean");
      float[] variance = values(source + ".1.running_var");
      float[] bias = new float[gamma.length];
      int depth = weight.length / gamma.length;
      for (int o = 0; o < gamma.length; o++) {
        double scale = gamma[o] / Math.sqrt((double) variance[o] + architecture.eps());
        for (int d = 0; d < depth; d++) {
          weight[o * depth + d] = (float) (weight[o * depth + d] * scale);
        }
        bias[o] = (float) (beta[o] - mean[o] * scale);
      }
      layer.shape.pack(packed, layer.name, weight, bias);
    }
  }
}
