package org.pixelwake.timepix.simulation;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The layers and what particles do in them: shared by the transports of all threads.
public final class TransportTables {
  private record Key(Particle particle, Material material) {}

  final MaterialLayer[] layers;

  /// Depth of the front of each layer and of the back of the last, um.
  final double[] frontUm;

  final TransportOptions options;

  /// Cross-sections of photons in each layer.
  final PhotonTable[] photons;

  private final Map<Key, LossTable> tables = new ConcurrentHashMap<>();

  public TransportTables(List<MaterialLayer> stack, TransportOptions options) {
    this.options = options;
    layers = stack.toArray(MaterialLayer[]::new);
    frontUm = new double[layers.length + 1];
    for (int i = 0; i < layers.length; i++) {
      frontUm[i + 1] = frontUm[i] + layers[i].thicknessUm();
    }
    photons = new PhotonTable[layers.length];
    for (int i = 0; i < layers.length; i++) {
      photons[i] = new PhotonTable(layers[i].material());
    }
  }

  /// The layer that a depth, um, belongs to; a boundary to the layer behind it.
  int layerAt(double z) {
    int layer = 0;
    while (layer < layers.length - 1 && z >= frontUm[layer + 1]) {
      layer++;
    }
    return layer;
  }

  /// The table of a particle for each layer.
  LossTable[] of(Particle particle) {
    LossTable[] found = new LossTable[layers.length];
    for (int i = 0; i < layers.length; i++) {
      Material material = layers[i].material();
      found[i] =
          tables.computeIfAbsent(
              new Key(particle, material), key -> new LossTable(particle, material));
    }
    return found;
  }
}
