package org.pixelwake.report.image;

import java.util.List;

/// A held-out cluster and its reconstructions while the training went on.
///
/// Images are square, all of the same side; values of images normalised to [0, 1], of masks
/// probabilities.
///
/// @param name such as "Track 3"
/// @param caption what it is, such as "87 hits, 1.2 MeV, frame 17"
/// @param inputEnergy energy channel as the network saw it, masked
/// @param inputToa time-of-arrival channel as the network saw it; all zero for data without times
/// @param inputAbove above-threshold channel as the network saw it
/// @param energy the whole energy image, the target
/// @param clusterMask target mask of the whole cluster, 0 or 1
/// @param thresholdMask target mask of the pixels above the energy threshold, 0 or 1
/// @param reconstructions one for each iteration of the gallery
public record Track(
    String name,
    String caption,
    FloatImage inputEnergy,
    FloatImage inputToa,
    FloatImage inputAbove,
    FloatImage energy,
    FloatImage clusterMask,
    FloatImage thresholdMask,
    List<Reconstruction> reconstructions) {
  /// What the network returned at one iteration.
  ///
  /// @param energy reconstructed energy channel; may leave [0, 1]
  /// @param clusterMask probability of the cluster mask, after the sigmoid
  /// @param thresholdMask probability of the above-threshold mask, after the sigmoid
  public record Reconstruction(
      FloatImage energy, FloatImage clusterMask, FloatImage thresholdMask) {}

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if the images differ in size
  public Track {
    reconstructions = List.copyOf(reconstructions);
    checkSize(name, energy, inputEnergy, inputToa, inputAbove, clusterMask, thresholdMask);
    reconstructions.forEach(r -> checkSize(name, energy, r));
  }

  /// @throws IllegalArgumentException if an image of a reconstruction has another size
  public static void checkSize(String name, FloatImage like, Reconstruction r) {
    checkSize(name, like, r.energy(), r.clusterMask(), r.thresholdMask());
  }

  /// @throws IllegalArgumentException if images have another size than the first
  public static void checkSize(String name, FloatImage like, FloatImage... images) {
    for (FloatImage image : images) {
      if (image.width() != like.width() || image.height() != like.height()) {
        throw new IllegalArgumentException(
            "%s: image of %d x %d beside one of %d x %d"
                .formatted(name, image.width(), image.height(), like.width(), like.height()));
      }
    }
  }
}
