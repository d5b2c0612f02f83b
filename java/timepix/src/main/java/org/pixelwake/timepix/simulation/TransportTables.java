package org.pixelwake.timepix.simulation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The layers and what particles do in them: shared by the transports of all threads.
public final class TransportTables {
  final MaterialLayer[] layers;

  /// Depth of the front of each layer and of the back of the last, um.
  final double[] frontUm;

  final TransportOptions options;

  /// Cross-sections of photons in each layer.
  final PhotonTable[] photons;

  private final Map<Particle, LossTable[]> losses = new ConcurrentHashMap<>();

  public TransportTables(List<MaterialLayer> stack, TransportOptions options) {
    this.options = options;
    layers = stack.toArray(MaterialLayer[]::new);
    frontUm = new double[layers.length + 1];
    for (int i = 0; i < layers.length; i++) {
      frontUm[i + 1] = frontUm[i] + layers[i].thicknessUm();
    }
    photons =
        stack.stream().map(layer -> new PhotonTable(layer.material())).toArray(PhotonTable[]::new);
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
    return losses.computeIfAbsent(particle, this::tabulate);
  }

  private LossTable[] tabulate(Particle particle) {
    Map<Material, LossTable> tables = new HashMap<>();
    return Arrays.stream(layers)
        .map(layer ->
            tables.computeIfAbsent(layer.material(), material -> new LossTable(particle, material)))
        .toArray(LossTable[]::new);
  }
}
