package org.pixelwake.timepix.io;

/// The hits of one exposure. The arrays have one element a hit and belong to the frame.
///
/// @param number number of the frame in the source, from 0
/// @param start start of the exposure in ns of Unix time; 0 where unknown
/// @param exposure length of the exposure in ns; 0 where unknown
/// @param origin file (and entry) it was read from
/// @param x column of each hit
/// @param y row of each hit
/// @param energy energy of each hit, in the unit of the source
public record Frame(
    long number,
    double start,
    double exposure,
    String origin,
    short[] x,
    short[] y,
    float[] energy) {

  /// Number of hits.
  public int size() {
    return x.length;
  }
}
