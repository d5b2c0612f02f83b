package org.pixelwake.run.benchmark;

import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;

/// A calibration that is wrong by a factor, which differs between pixels: of each a normal deviate,
/// which depends on the seed and the pixel alone.
///
/// @param mean factor of the energies in the mean
/// @param spread standard deviation of it between pixels
/// @param seed of the pixels' factors
record PixelGains(double mean, double spread, long seed) {
  /// "gains" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x6761696e73L << 8;

  private static final int SIDE = 1 << 16;

  /// Returns the cluster as that calibration has it.
  Cluster apply(Cluster cluster) {
    float[] energy = new float[cluster.size()];
    for (int i = 0; i < energy.length; i++) {
      energy[i] = (float) (cluster.energy()[i] * of(cluster.x()[i], cluster.y()[i]));
    }
    return new Cluster(
        cluster.frame(),
        cluster.time(),
        cluster.x(),
        cluster.y(),
        energy,
        cluster.toa(),
        cluster.truth());
  }

  /// Returns the factor of a pixel.
  double of(int x, int y) {
    long pixel = (long) y * SIDE + x;
    double radius =
        StrictMath.sqrt(
            -2 * StrictMath.log(1 - Philox.uniform(Philox.bits(seed, STREAM, 2 * pixel))));
    double angle = 2 * Math.PI * Philox.uniform(Philox.bits(seed, STREAM, 2 * pixel + 1));
    return mean + spread * radius * StrictMath.cos(angle);
  }
}
