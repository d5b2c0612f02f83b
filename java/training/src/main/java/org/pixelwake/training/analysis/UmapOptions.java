package org.pixelwake.training.analysis;

/// How a map is drawn; names and defaults as in the authors' program umap-learn.
///
/// @param neighbours of each point that are looked at: few keep the detail, many the whole
/// @param minDist least distance of points on the map
/// @param epochs rounds of moving the points
/// @param negatives points pushed away for each one that is drawn near
/// @param dimensions to which points are reduced first, by [Pca]
public record UmapOptions(
    int neighbours, double minDist, int epochs, int negatives, int dimensions) {
  /// 15 neighbours, least distance 0.1, 500 epochs, 5 negatives, 32 dimensions.
  public static final UmapOptions DEFAULT = new UmapOptions(15, 0.1, 500, 5, 32);

  public UmapOptions {
    if (neighbours < 2 || epochs < 1 || negatives < 0 || dimensions < 2) {
      throw new IllegalArgumentException(
          "%d neighbours, %d epochs, %d negatives, %d dimensions"
              .formatted(neighbours, epochs, negatives, dimensions));
    }
    if (!(minDist >= 0 && minDist < 3)) {
      throw new IllegalArgumentException("least distance is " + minDist + ", not from 0 to 3");
    }
  }
}
