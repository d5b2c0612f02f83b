package org.pixelwake.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.network.Architecture.Block;
import org.pixelwake.network.checkpoint.Dtype;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.network.checkpoint.TensorSource;
import org.pixelwake.network.checkpoint.TorchCheckpoint;

/// Weights in files: reading them into a network, and the architecture off their shapes.
public final class StateDict {
  // A depthwise convolution where EfficientNets have `features.1.0.block`.
  private static final String HITS_ONLY = "features.0.weight";
  private static final String SMALL_CNN_ONLY = "features.1.0.0.weight";

  private StateDict() {}

  /// Reads a `.safetensors` file, or whatever `torch.save` wrote.
  public static TensorMap read(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".safetensors") ? Safetensors.read(file) : TorchCheckpoint.read(file);
  }

  /// Copies every parameter and running statistic of the network from the file's tensors of the
  /// same names.
  ///
  /// @throws InputException when one is missing or of another shape
  public static void load(TensorMap tensors, ParameterStore store) {
    loadPrefixed(tensors, store, "");
  }

  /// Copies the encoder's parameters and running statistics (`features.*`); the rest of the network
  /// and of the file are ignored.
  public static void loadEncoder(TensorMap tensors, ParameterStore store) {
    loadPrefixed(tensors, store, "features.");
  }

  private static void loadPrefixed(TensorMap tensors, ParameterStore store, String prefix) {
    for (ParameterLayout.Entry entry : store.layout().entries()) {
      if (entry.name().startsWith(prefix)) {
        String name = entry.name();
        store.set(Slab.PARAMETERS, name, tensors.floats(name, entry.longShape()));
      }
    }
  }

  /// All parameters and running statistics of a store as tensors, ready to be written.
  ///
  /// @param from [Slab#PARAMETERS] or, for the moving averages, [Slab#AVERAGE]
  public static List<TensorSource> tensors(ParameterStore store, Slab from) {
    return store.layout().entries().stream()
        .map(entry -> tensor(store, from, entry, entry.name()))
        .toList();
  }

  /// An entry of a slab as a tensor, copied from the device while it is written.
  ///
  /// @param name in the file
  public static TensorSource tensor(
      ParameterStore store, Slab slab, ParameterLayout.Entry entry, String name) {
    return new TensorSource.Lazy(
        name,
        Dtype.F32,
        entry.longShape(),
        () -> {
          MemorySegment data = Arena.ofAuto().allocate(4L * entry.elements(), 64);
          store.download(slab, entry.name(), data);
          return data;
        });
  }

  /// The network whose state dict the file holds, read off the names and shapes: an EfficientNet of
  /// any width and depth with the decoder of the reference or torchvision's classifier, the small
  /// CNN, or an autoencoder or classifier over hits.
  ///
  /// @throws InputException when the tensors are those of neither
  public static Network network(TensorMap tensors) {
    if (tensors.contains(SMALL_CNN_ONLY)) {
      return Network.classifier(Architecture.SMALL_CNN, outputs(tensors));
    }
    boolean autoencoder = tensors.contains("heads.weight");
    if (tensors.contains(HITS_ONLY)) {
      return autoencoder
          ? Network.autoencoder(hits(tensors), quantities(tensors))
          : Network.classifier(hits(tensors), outputs(tensors));
    }
    Architecture architecture = architecture(tensors);
    String standard = architecture.standardName();
    if (standard != null) {
      // Constants that no shape tells: eps and momentum of the large models, stochastic depth.
      architecture = Architecture.named(standard);
    }
    if (autoencoder) {
      return Network.autoencoder(architecture, quantities(tensors));
    }
    if (tensors.contains("classifier.1.weight")) {
      return Network.classifier(architecture, outputs(tensors));
    }
    throw refuse(tensors, "", "has neither heads.weight nor classifier.1.weight");
  }

  private static HitsArchitecture hits(TensorMap tensors) {
    int blocks = 0;
    while (tensors.contains("features." + (blocks + 1) + ".around.weight")) {
      blocks++;
    }
    return HitsArchitecture.of(dim(tensors, HITS_ONLY, 2, 0), blocks);
  }

  private static int quantities(TensorMap tensors) {
    String head = "quantities.weight";
    return tensors.contains(head) ? dim(tensors, head, 2, 0) : 0;
  }

  private static int outputs(TensorMap tensors) {
    return dim(tensors, "classifier.1.weight", 2, 0);
  }

  private static InputException refuse(TensorMap tensors, String place, String problem) {
    return new InputException(
        tensors.source(),
        place,
        problem,
        "Give the state dict of an EfficientNet B0 to B7 or one scaled by width and depth, as an"
            + " autoencoder or a torchvision classifier");
  }

  private static Architecture architecture(TensorMap tensors) {
    int stem = dim(tensors, "features.0.0.weight", 0);
    List<List<Block>> stages = new ArrayList<>();
    int stage = 1;
    while (tensors.contains("features." + stage + ".0.block.0.0.weight")) {
      if (stage > Architecture.stageCount()) {
        throw refuse(tensors, "features." + stage, "more stages than an EfficientNet has");
      }
      List<Block> blocks = new ArrayList<>();
      String prefix = "features." + stage + ".";
      while (tensors.contains(prefix + blocks.size() + ".block.0.0.weight")) {
        int stride = blocks.isEmpty() ? Architecture.stageStride(stage - 1) : 1;
        blocks.add(block(tensors, prefix + blocks.size() + ".block.", stride));
      }
      stages.add(List.copyOf(blocks));
      stage++;
    }
    if (stages.size() != Architecture.stageCount()) {
      String problem = "has " + stages.size() + " stages of an EfficientNet instead of ";
      throw refuse(tensors, "", problem + Architecture.stageCount());
    }
    int top = dim(tensors, "features." + stage + ".0.weight", 0);
    return new Architecture(
        "efficientnet",
        stem,
        2,
        Architecture.Pooling.CANVAS,
        List.copyOf(stages),
        top,
        1e-5f,
        0.1f,
        0);
  }

  private static Block block(TensorMap tensors, String prefix, int stride) {
    boolean expands = tensors.contains(prefix + "3.0.weight");
    int depthwise = expands ? 1 : 0;
    int expanded = dim(tensors, prefix + depthwise + ".0.weight", 0);
    int in = expands ? dim(tensors, prefix + "0.0.weight", 1) : expanded;
    return new Block(
        in,
        expanded,
        dim(tensors, prefix + (depthwise + 2) + ".0.weight", 0),
        dim(tensors, prefix + depthwise + ".0.weight", 2),
        stride,
        dim(tensors, prefix + (depthwise + 1) + ".fc1.weight", 0),
        0);
  }

  private static int dim(TensorMap tensors, String name, int axis) {
    return dim(tensors, name, 4, axis);
  }

  private static int dim(TensorMap tensors, String name, int dimensions, int axis) {
    long[] shape = tensors.get(name).shape();
    if (shape.length != dimensions) {
      throw refuse(tensors, name, "has " + shape.length + " dimensions instead of " + dimensions);
    }
    return Math.toIntExact(shape[axis]);
  }
}
