package org.pixelwake.timepix.sensor;

/// Pixels that do not work as they should, drawn by the seed of the run: the same ones for all its
/// particles.
///
/// @param deadShare share of the pixels that never respond
/// @param noisyShare share of the pixels that are noisy
/// @param firing probability that a noisy pixel gives a hit of noise while a particle is recorded
public record PixelFaults(double deadShare, double noisyShare, double firing) {
  public PixelFaults {
    if (!share(deadShare) || !share(noisyShare) || !share(firing)) {
      throw new IllegalArgumentException(
          "shares of dead and noisy pixels and the probability of their noise are from 0 to 1:"
              + " %s, %s, %s".formatted(deadShare, noisyShare, firing));
    }
  }

  private static boolean share(double value) {
    return value >= 0 && value <= 1;
  }

  /// No such pixel.
  public static PixelFaults none() {
    return new PixelFaults(0, 0, 0);
  }
}
