package org.pixelwake.timepix.pileup;

import java.util.List;
import org.pixelwake.timepix.Cluster;

/// Pile-ups and single clusters that were made, as many of each, with the same sizes and energies.
///
/// @param train clusters to learn from
/// @param test clusters of the stretches that were held out, none where nothing was to be
/// @param thresholdKeV energy of a hit, keV, below which none was taken
public record PileUps(Part train, Part test, double thresholdKeV) {
  /// A cluster and where it is from.
  ///
  /// @param cluster its frame is the number of the stretch of the source that it is from; its truth
  ///   tells the number of particles
  /// @param source index of the source
  public record Made(Cluster cluster, int source) {}

  /// Clusters of some stretches, by source and stretch, the two classes mixed.
  ///
  /// @param clusters pile-ups and as many single ones
  /// @param overlays pile-ups that could have been taken
  /// @param singles single clusters that could have been taken
  public record Part(List<Made> clusters, int overlays, int singles) {
    public Part {
      clusters = List.copyOf(clusters);
    }
  }
}
