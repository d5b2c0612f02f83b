package org.pixelwake.training;

import java.util.Locale;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.network.Network;

/// The way from the hits of a batch to the pooled features of a network's encoder: through images,
/// or over the hits themselves.
final class ClusterEncoder {
  private ClusterEncoder() {}

  /// Traces it.
  ///
  /// @param seen how clusters are seen as images; a network over hits takes energies, times and
  ///   symmetries from it
  /// @param embedding receives the pooled features (n, features)
  /// @return the embedding
  /// @throws InputException where the network cannot be had in the graph's storage
  static Tensor trace(
      Graph graph,
      Network network,
      Rasterize.Attributes seen,
      Rasterize.Hits hits,
      Tensor step,
      Tensor embedding) {
    if (network.shape() instanceof HitsArchitecture) {
      needFloats(graph);
      Hits.Attributes described =
          new Hits.Attributes(seen.augment(), seen.symmetry(), seen.energyScale(), seen.toaScale());
      network.embed(graph, described, hits, step, embedding);
      return embedding;
    }
    int n = embedding.dim(0);
    Tensor image = graph.intermediate("image", graph.storage(), n, seen.side(), seen.side(), 3);
    graph.add(new Rasterize.Forward(seen, step, hits, image, null));
    return graph.pool(network.encode(graph, image, step).getLast(), embedding);
  }

  /// Traces it for an autoencoder over hits, some of which are hidden; clusters are turned where
  /// their hits are hidden.
  ///
  /// @param embedding receives the pooled features (n, features)
  /// @return what the network has seen
  /// @throws InputException where the network cannot be had in the graph's storage
  static Network.Seen traceHidden(
      Graph graph,
      Network network,
      RunConfig config,
      StagedBatch hits,
      Tensor step,
      Tensor embedding) {
    needFloats(graph);
    Hits.Attributes described = new Hits.Attributes(false, 0, config.energyScale, config.toaScale);
    return network.embed(graph, described, hits.tensors(), hits.hidden(), step, embedding);
  }

  private static void needFloats(Graph graph) {
    if (graph.storage() != Storage.F32) {
      throw new InputException(
          "--precision " + graph.storage().name().toLowerCase(Locale.ROOT),
          "is not there for networks over hits",
          "Use --precision f32");
    }
  }
}
