package org.pixelwake.timepix.sensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.Truth;

/// Turns deposits into hits: drift, diffusion and sharing of the charge, threshold, ToT and times
/// of arrival. For one thread.
public final class SensorResponse {
  /// Energy that sets a pair free in silicon, keV, and its Fano factor (PDG 2022, section 35.8).
  private static final double PAIR_KEV = 3.65e-3;

  private static final double FANO = 0.115;

  /// Length of track that is taken as one point, um: less than the charge spreads.
  private static final double POINT_UM = 4;

  /// Standard deviations to which charge is shared.
  private static final double REACH = 4;

  /// Loss, keV/um, from which the charge of a track spreads by its own field; that of electrons and
  /// fast protons stays below.
  private static final double DENSE_KEV_PER_UM = 10;

  /// Length, um, of a dense track of which the charges push each other apart.
  private static final double TOGETHER_UM = 60;

  /// `3 q / (4 pi epsilon)` of silicon in V um.
  private static final double REPULSION_V_UM = 3 * 1.602177e-19 / (4 * Math.PI * 1.0359e-16);

  // Time walk a / (E - b) ns with E in keV, measured on Timepix3.
  private static final double TIMEWALK_NS_KEV = 34.8;
  private static final double TIMEWALK_KEV = 1.75;

  private static final double TICK_NS = 25;
  private static final double FINE_NS = 1.5625;
  private static final long THRESHOLDS = 77;
  private static final long DEAD = 79;
  private static final long NOISY = 80;

  /// Time, ns, within which noise comes to the hits of a particle.
  private static final double NOISE_NS = 50;

  private final Sensor sensor;
  private final long seed;
  private final int side;
  private final double[] energyKeV;
  private final double[] timeNs;
  private final float[] value;
  private final double[] hitNs;
  private final double[] noiseKeV;
  private final boolean[] dead;
  private final int[] noisy;
  private final BitSet noiseAlone = new BitSet();
  private final int[] touched;
  private int touchedSize;
  private double[] shareX = new double[64];
  private double[] shareY = new double[64];
  private final int[] queue;
  private final ClusterBuilder builder = new ClusterBuilder();
  private double collectedKeV;

  /// @param seed of the pixels' thresholds and faults, which stay those of the detector
  public SensorResponse(Sensor sensor, long seed) {
    this.sensor = sensor;
    this.seed = seed;
    this.side = sensor.pixels();
    int n = side * side;
    energyKeV = new double[n];
    timeNs = new double[n];
    value = new float[n];
    hitNs = new double[n];
    noiseKeV = new double[n];
    touched = new int[n];
    queue = new int[n];
    dead = new boolean[n];
    PixelFaults faults = sensor.faults();
    for (int pixel = 0; pixel < n; pixel++) {
      dead[pixel] =
          sensor.dead().masked(pixel % side, pixel / side)
              || drawn(DEAD, pixel) < faults.deadShare();
    }
    noisy =
        IntStream.range(0, n).filter(pixel -> drawn(NOISY, pixel) < faults.noisyShare()).toArray();
  }

  private double drawn(long stream, long number) {
    return Philox.uniform(Philox.bits(seed, stream, number));
  }

  /// The clusters of the last particle with the truth, but for those that have no hit with charge
  /// of the particle.
  public List<Cluster> labelled(List<Cluster> clusters, Truth truth) {
    List<Cluster> labelled = new ArrayList<>(clusters.size());
    for (int i = 0; i < clusters.size(); i++) {
      Cluster cluster = clusters.get(i);
      labelled.add(noiseAlone.get(i) ? cluster : cluster.withTruth(truth));
    }
    return labelled;
  }

  /// Energy whose charge came to pixels, before threshold and noise, keV.
  public double collectedKeV() {
    return collectedKeV;
  }

  /// The clusters of a particle that came at a time, ns: 8-connected, in the order of their first
  /// pixel by (row, column).
  public List<Cluster> respond(
      Deposits deposits, double arrivalNs, long frame, ParticleRandom random) {
    collectedKeV = 0;
    double dense = denseLengthUm(deposits);
    for (int i = 0; i < deposits.size(); i++) {
      collect(deposits, i, dense);
    }
    for (int pixel : noisy) {
      if (random.uniform() < sensor.faults().firing()) {
        noise(pixel, random);
      }
    }
    Arrays.sort(touched, 0, touchedSize);
    for (int i = 0; i < touchedSize; i++) {
      measure(touched[i], arrivalNs, random);
    }
    List<Cluster> clusters = new ArrayList<>(2);
    noiseAlone.clear();
    for (int i = 0; i < touchedSize; i++) {
      if (value[touched[i]] > 0) {
        clusters.add(cluster(touched[i], frame, clusters.size()));
      }
    }
    for (int i = 0; i < touchedSize; i++) {
      energyKeV[touched[i]] = 0;
      timeNs[touched[i]] = 0;
      noiseKeV[touched[i]] = 0;
    }
    touchedSize = 0;
    return clusters;
  }

  /// Lets the noise of a pixel pass its threshold by as much as the noise has on average.
  private void noise(int pixel, ParticleRandom random) {
    if (energyKeV[pixel] == 0) {
      touched[touchedSize++] = pixel;
    }
    noiseKeV[pixel] = Math.max(sensor.noiseKeV(), PAIR_KEV) * random.exponential();
  }

  private static double length(Deposits deposits, int i) {
    double x = deposits.end(i, 0) - deposits.start(i, 0);
    double y = deposits.end(i, 1) - deposits.start(i, 1);
    double z = deposits.end(i, 2) - deposits.start(i, 2);
    return Math.sqrt(x * x + y * y + z * z);
  }

  private double denseLengthUm(Deposits deposits) {
    double sum = 0;
    for (int i = 0; sensor.repulsion() > 0 && i < deposits.size(); i++) {
      double length = length(deposits, i);
      if (deposits.energyKeV(i) > DENSE_KEV_PER_UM * length) {
        sum += length;
      }
    }
    return Math.clamp(sum, 1, TOGETHER_UM);
  }

  private void collect(Deposits deposits, int i, double denseUm) {
    double length = length(deposits, i);
    double energy = deposits.energyKeV(i);
    double perUm = length > 0 ? energy / length : 0;
    int points = 1 + (int) (length / POINT_UM);
    for (int k = 0; k < points; k++) {
      double u = (k + 0.5) / points;
      double z = deposits.start(i, 2) + u * (deposits.end(i, 2) - deposits.start(i, 2));
      double drift = sensor.driftNs(z);
      double diffusion = sensor.diffusionUm(drift);
      double variance = diffusion * diffusion + 0.01;
      if (sensor.repulsion() > 0 && perUm > DENSE_KEV_PER_UM) {
        variance += repulsionUm2(perUm * denseUm / PAIR_KEV, drift);
      }
      share(
          deposits.start(i, 0) + u * (deposits.end(i, 0) - deposits.start(i, 0)),
          deposits.start(i, 1) + u * (deposits.end(i, 1) - deposits.start(i, 1)),
          Math.sqrt(variance),
          energy / points,
          drift);
    }
  }

  /// Variance, um2, of an evenly filled sphere of charge that grows by its own field: its radius is
  /// `(3 mu q N t / (4 pi epsilon))^(1/3)` (E. Gatti et al., Nucl. Instrum. Methods A 253 (1987)
  /// 393), its variance along an axis a fifth of its square.
  private double repulsionUm2(double pairs, double driftNs) {
    double radius = Math.cbrt(REPULSION_V_UM * sensor.mobilityUm2PerVNs() * pairs * driftNs);
    return sensor.repulsion() * radius * radius / 5;
  }

  private void share(double x, double y, double sigma, double energy, double drift) {
    double pitch = sensor.pitchUm();
    int x0 = Math.max(0, (int) Math.floor((x - REACH * sigma) / pitch));
    int x1 = Math.min(side - 1, (int) Math.floor((x + REACH * sigma) / pitch));
    int y0 = Math.max(0, (int) Math.floor((y - REACH * sigma) / pitch));
    int y1 = Math.min(side - 1, (int) Math.floor((y + REACH * sigma) / pitch));
    if (x1 < x0 || y1 < y0) {
      return;
    }
    shareX = shares(shareX, x, sigma, x0, x1);
    shareY = shares(shareY, y, sigma, y0, y1);
    for (int row = y0; row <= y1; row++) {
      for (int column = x0; column <= x1; column++) {
        double part = energy * shareX[column - x0] * shareY[row - y0];
        int pixel = row * side + column;
        if (part > 0) {
          if (energyKeV[pixel] == 0) {
            touched[touchedSize++] = pixel;
          }
          energyKeV[pixel] += part;
          timeNs[pixel] += part * drift;
          collectedKeV += part;
        }
      }
    }
  }

  private double[] shares(double[] into, double at, double sigma, int from, int to) {
    double[] shares = to - from < into.length ? into : new double[to - from + 1];
    double scale = 1 / (Math.sqrt(2) * sigma);
    double before = erf((from * sensor.pitchUm() - at) * scale);
    for (int i = from; i <= to; i++) {
      double after = erf(((i + 1) * sensor.pitchUm() - at) * scale);
      shares[i - from] = 0.5 * (after - before);
      before = after;
    }
    return shares;
  }

  /// Abramowitz and Stegun 7.1.26, to 1.5e-7.
  private static double erf(double x) {
    double a = Math.abs(x);
    double t = 1 / (1 + 0.3275911 * a);
    double sum =
        t
            * (0.254829592
                + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.copySign(1 - sum * Math.exp(-a * a), x);
  }

  private void measure(int pixel, double arrivalNs, ParticleRandom random) {
    int x = pixel % side;
    int y = pixel / side;
    double energy = energyKeV[pixel];
    value[pixel] = 0;
    double noise = sensor.noiseKeV();
    double spread = sensor.resolution() * energy;
    energy +=
        Math.sqrt(FANO * PAIR_KEV * energy + noise * noise + spread * spread) * random.gaussian();
    double threshold = sensor.thresholdKeV() + sensor.thresholdSpreadKeV() * spread(pixel);
    if (noiseKeV[pixel] > 0) {
      energy = Math.max(energy, threshold) + noiseKeV[pixel];
    }
    if (energy < threshold || dead[pixel]) {
      return;
    }
    double tot = sensor.calibration().tot(x, y, Math.min(energy, sensor.saturationKeV()));
    // Counted are the clock edges while the signal is over the threshold: their phase is random.
    double counted = Math.floor(tot + random.uniform());
    if (!(counted >= 1)) {
      return;
    }
    counted = Math.min(counted, sensor.chip().greatestToT);
    value[pixel] =
        sensor.calibrated() ? sensor.calibration().energy(x, y, counted) : (float) counted;
    double drift =
        energyKeV[pixel] > 0 ? timeNs[pixel] / energyKeV[pixel] : NOISE_NS * random.uniform();
    double walk = TIMEWALK_NS_KEV / Math.max(energy - TIMEWALK_KEV, 0.5);
    hitNs[pixel] = quantised(arrivalNs + drift + walk);
  }

  /// The time that a chip gives: the clock edge after the hit, less the fine counts up to it.
  static double quantised(double ns) {
    double coarse = Math.ceil(ns / TICK_NS);
    double fine = Math.floor((coarse * TICK_NS - ns) / FINE_NS);
    return coarse * TICK_NS - fine * FINE_NS;
  }

  /// Standard normal number that belongs to a pixel, for all particles the same.
  private double spread(int pixel) {
    double u = drawn(THRESHOLDS, 2L * pixel);
    double v = drawn(THRESHOLDS, 2L * pixel + 1);
    return Math.sqrt(-2 * Math.log1p(-u)) * Math.cos(2 * Math.PI * v);
  }

  private Cluster cluster(int first, long frame, int index) {
    int size = 0;
    boolean charged = false;
    queue[size++] = first;
    take(first);
    for (int done = 0; done < size; done++) {
      int x = queue[done] % side;
      int y = queue[done] / side;
      charged |= energyKeV[queue[done]] > 0;
      for (int row = Math.max(0, y - 1); row <= Math.min(side - 1, y + 1); row++) {
        for (int column = Math.max(0, x - 1); column <= Math.min(side - 1, x + 1); column++) {
          int pixel = row * side + column;
          if (value[pixel] > 0) {
            queue[size++] = pixel;
            take(pixel);
          }
        }
      }
    }
    noiseAlone.set(index, !charged);
    // Data-driven readout has no frames.
    return sensor.chip() == Sensor.Chip.TIMEPIX3 ? builder.build(0) : builder.build(frame, 0);
  }

  private void take(int pixel) {
    builder.add(pixel % side, pixel / side, value[pixel], hitNs[pixel]);
    value[pixel] = 0;
  }
}
