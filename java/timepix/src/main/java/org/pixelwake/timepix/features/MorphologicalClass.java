package org.pixelwake.timepix.features;

import java.util.Locale;

/// Shape of a cluster by the classes of T. Holy et al., NIM A 591 (2008) 287, with the limits of
/// the program TPX3-Functions.
public enum MorphologicalClass {
  /// One or two hits: photons, electrons of low energy.
  DOT,
  /// Three or four hits in a square of two pixels.
  SMALL_BLOB,
  /// A thin track that bends: electrons.
  CURLY_TRACK,
  /// A thick round cluster: ions of low range, such as alphas.
  HEAVY_BLOB,
  /// A thick long cluster: ions and protons at an angle.
  HEAVY_TRACK,
  /// A thin straight track: particles of high energy.
  STRAIGHT_TRACK;

  private static final int DOT_HITS = 2;
  private static final int SMALL_BLOB_HITS = 4;
  private static final int HEAVY_INNER = 4;
  private static final double BLOB_RATIO = 0.5;
  private static final double TRACK_RATIO = 0.3;
  private static final double ROUND = 1.2;
  private static final double STRAIGHT_SHARE = 0.9;
  private static final double STRAIGHT_HITS = 4;

  /// Name in a table, such as `heavy_blob`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// @param size number of hits
  /// @param square whether they lie in a square of two pixels
  /// @param inner hits whose four neighbours are hit
  /// @param extent largest distance of two hits, px
  /// @param diameter diameter of a disc of so many pixels, px
  /// @param onAxis share of the hits that lie within half a pixel's diagonal of the axis
  static MorphologicalClass of(
      int size, boolean square, int inner, double extent, double diameter, double onAxis) {
    if (size <= DOT_HITS) {
      return DOT;
    }
    if (square && size <= SMALL_BLOB_HITS) {
      return SMALL_BLOB;
    }
    double ratio = (double) inner / (size - inner);
    boolean round = extent < ROUND * diameter;
    if (inner >= HEAVY_INNER && ratio >= BLOB_RATIO && round) {
      return HEAVY_BLOB;
    }
    if (inner >= HEAVY_INNER && ratio >= TRACK_RATIO && !round) {
      return HEAVY_TRACK;
    }
    return onAxis >= STRAIGHT_SHARE && onAxis * size >= STRAIGHT_HITS
        ? STRAIGHT_TRACK
        : CURLY_TRACK;
  }
}
