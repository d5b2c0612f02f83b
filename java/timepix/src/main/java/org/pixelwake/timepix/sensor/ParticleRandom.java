package org.pixelwake.timepix.sensor;

import java.util.random.RandomGenerator;
import org.pixelwake.base.Philox;

/// Random numbers of one simulated particle: xoshiro256++ (D. Blackman, S. Vigna, ACM Trans. Math.
/// Softw. 47 (2021) 36) started by [Philox] from the seed of the run and the number of the
/// particle, so that a track does not depend on which thread makes it or what was made before.
public final class ParticleRandom implements RandomGenerator {
  private static final int GAUSSIAN_POISSON_FROM = 40;

  private long s0;
  private long s1;
  private long s2;
  private long s3;
  private double spare;
  private boolean spareThere;

  /// A generator that is to be started.
  public ParticleRandom() {}

  /// Starts the sequence of a particle.
  ///
  /// @param stream what the numbers are for, so that two uses are independent
  public void start(long seed, long stream, long number) {
    s0 = Philox.bits(seed, 4 * stream, number);
    s1 = Philox.bits(seed, 4 * stream + 1, number);
    s2 = Philox.bits(seed, 4 * stream + 2, number);
    // An all-zero state would stay so.
    s3 = Philox.bits(seed, 4 * stream + 3, number) | 1;
    spareThere = false;
  }

  @Override
  public long nextLong() {
    long result = Long.rotateLeft(s0 + s3, 23) + s0;
    long t = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = Long.rotateLeft(s3, 45);
    return result;
  }

  /// Uniform in (0, 1), never an end.
  public double uniform() {
    return ((nextLong() >>> 12) + 0.5) * 0x1.0p-52;
  }

  /// Normal with mean 0 and standard deviation 1 (polar method of Marsaglia).
  public double gaussian() {
    if (spareThere) {
      spareThere = false;
      return spare;
    }
    double u;
    double v;
    double square;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1);
    double factor = Math.sqrt(-2 * Math.log(square) / square);
    spare = v * factor;
    spareThere = true;
    return u * factor;
  }

  /// Exponential with mean 1.
  public double exponential() {
    return -Math.log(uniform());
  }

  /// Poisson with this mean; above 40 its normal approximation.
  public int poisson(double mean) {
    if (mean >= GAUSSIAN_POISSON_FROM) {
      return (int) Math.max(0, Math.rint(mean + Math.sqrt(mean) * gaussian()));
    }
    double limit = Math.exp(-mean);
    double product = uniform();
    int n = 0;
    while (product > limit) {
      product *= uniform();
      n++;
    }
    return n;
  }
}
