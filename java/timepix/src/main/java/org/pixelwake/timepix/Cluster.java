package org.pixelwake.timepix;

import org.jspecify.annotations.Nullable;

/// The hits of one particle's track: 8-connected pixels, within a time window where the detector
/// tells the time.
///
/// The arrays have one element a hit and the same length; they belong to the cluster and are not to
/// be changed.
///
/// @param frame number of the frame it was seen in, from 0; 0 in data-driven readout
/// @param time time of the first hit in ns since the start of the measurement (data-driven), or
///   start of the frame in ns of Unix time (of the detector's live time where the source has no
///   other); 0 where unknown
/// @param x column of each hit
/// @param y row of each hit
/// @param energy energy of each hit, in the unit of its [SourceInfo]
/// @param toa time of arrival of each hit in ns after the first hit of the cluster; all zero where
///   the source has none
/// @param truth the particle that made it, where it is known
public record Cluster(
    long frame,
    double time,
    short[] x,
    short[] y,
    float[] energy,
    float[] toa,
    @Nullable Truth truth) {

  public Cluster {
    if (x.length == 0
        || y.length != x.length
        || energy.length != x.length
        || toa.length != x.length) {
      throw new IllegalArgumentException(
          "a cluster has at least one hit and columns of one length: x %s, y %s, energy %s, toa %s"
              .formatted(x.length, y.length, energy.length, toa.length));
    }
  }

  /// A cluster of an unknown particle.
  public Cluster(long frame, double time, short[] x, short[] y, float[] energy, float[] toa) {
    this(frame, time, x, y, energy, toa, null);
  }

  /// The same cluster, made by this particle.
  public Cluster withTruth(Truth known) {
    return new Cluster(frame, time, x, y, energy, toa, known);
  }

  /// Number of hits.
  public int size() {
    return x.length;
  }
}
