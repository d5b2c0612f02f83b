package org.pixelwake.timepix.io.cluster;

import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.sensor.DepositResponse;

/// Collects what a simulation program tells of one event, and makes clusters of it: of pixels that
/// were hit, which are joined where they touch, or of energy deposited in the sensor, by the
/// response of one.
///
/// Events have no time among each other: they come every 10 us, more than any window of a
/// clustering. Where no hit has a time, each event is a frame.
final class SimulatedEvent {
  /// Energy that sets a pair free in silicon, keV, as Allpix Squared takes it.
  static final double PAIR_KEV = 3.64e-3;

  private static final double SPACING_NS = 10_000;
  private static final int SIDE = 512;

  private final boolean timed;
  private final @Nullable DepositResponse response;
  private final Tally tally;
  private final ClusterBuilder builder = new ClusterBuilder();
  private final int[] grid = new int[SIDE * SIDE];
  private int[] pixels = new int[64];
  private float[] energies = new float[64];
  private double[] times = new double[64];
  private int[] stack = new int[64];
  private int size;
  private boolean any;
  private long number;
  private @Nullable Truth truth;
  private boolean several;
  private int tracks;
  private int trackParticle;
  private float trackMeV;
  private double depositedKeV;
  private double collectedKeV;

  /// @param timed whether hits have times; of deposits the sensor decides
  /// @param response of deposits; null for events of pixels
  SimulatedEvent(boolean timed, @Nullable DepositResponse response, Tally tally) {
    this.timed = timed;
    this.response = response;
    this.tally = tally;
  }

  /// Begins an event; the one before must be finished.
  void begin(long event) {
    number = event;
    truth = null;
    several = false;
    tracks = 0;
    any = false;
    depositedKeV = Double.NaN;
    collectedKeV = Double.NaN;
  }

  /// Adds a pixel with its time in ns after the begin of the event; false where the event has it
  /// already.
  boolean hit(int x, int y, float energy, double time) {
    int pixel = y * SIDE + x;
    any = true;
    if (grid[pixel] != 0) {
      return false;
    }
    if (size == pixels.length) {
      pixels = Arrays.copyOf(pixels, 2 * size);
      energies = Arrays.copyOf(energies, 2 * size);
      times = Arrays.copyOf(times, 2 * size);
      stack = Arrays.copyOf(stack, 2 * size);
    }
    pixels[size] = pixel;
    energies[size] = energy;
    times[size++] = time;
    grid[pixel] = size;
    return true;
  }

  /// Adds energy to a pixel, which is hit at the first of its times.
  void add(int x, int y, float energy, double time) {
    int known = grid[y * SIDE + x] - 1;
    if (known < 0) {
      hit(x, y, energy, time);
    } else {
      energies[known] += energy;
      times[known] = Math.min(times[known], time);
    }
  }

  /// Adds a deposit to an event of a sensor; false where it is outside of it.
  boolean deposit(double x, double y, double depth, double keV) {
    DepositResponse into = Objects.requireNonNull(response);
    any = true;
    if (!into.holds(x, y, depth)) {
      return false;
    }
    into.add(x, y, depth, keV);
    return true;
  }

  /// Adds energy that was left in the sensor, keV, for the truth of events of pixels.
  void deposited(double keV) {
    depositedKeV = Double.isNaN(depositedKeV) ? keV : depositedKeV + keV;
  }

  /// Adds energy whose charge came to a pixel, keV, for the truth of events of pixels.
  void collected(double keV) {
    collectedKeV = Double.isNaN(collectedKeV) ? keV : collectedKeV + keV;
  }

  /// Tells of a primary particle. With several of them none is known to have made a cluster, but
  /// for their kind where it is the same.
  void primary(Truth particle) {
    if (truth == null && !several) {
      truth = particle;
    } else {
      boolean same = truth != null && truth.particle() == particle.particle();
      truth = same ? Truth.ofParticle(particle.particle()) : null;
      several = true;
    }
  }

  /// Tells the kinetic energy, MeV, that a primary particle of this kind set out with.
  void track(int particle, float kineticMeV) {
    tracks++;
    trackParticle = particle;
    trackMeV = kineticMeV;
  }

  /// Makes the clusters of the event.
  void finish(Queue<Cluster> clusters) {
    double start = timed ? number * SPACING_NS : 0;
    if (response != null) {
      if (any) {
        clusters.addAll(response.finish(number, start, numbered(0, 0)));
      }
    } else if (size > 0) {
      Truth known = numbered(depositedKeV, collectedKeV);
      for (int i = 0; i < size; i++) {
        if (grid[pixels[i]] != 0) {
          Cluster cluster = cluster(i, start);
          clusters.add(known == null ? cluster : cluster.withTruth(known));
        }
      }
      size = 0;
    }
    any = false;
    tally.frames += timed ? 0 : 1;
  }

  private @Nullable Truth numbered(double deposited, double collected) {
    Truth known = truth;
    if (known == null) {
      return null;
    }
    boolean tracked = tracks == 1 && !several && trackParticle == known.particle();
    return known
        .withEnergyMeV(tracked ? trackMeV : known.energyMeV())
        .inSensor(deposited, collected, several ? Truth.UNKNOWN_NUMBER : number);
  }

  /// The pixels that touch the given one, directly or by others.
  private Cluster cluster(int first, double start) {
    int waiting = 0;
    stack[waiting++] = first;
    grid[pixels[first]] = 0;
    while (waiting > 0) {
      int hit = stack[--waiting];
      int x = pixels[hit] % SIDE;
      int y = pixels[hit] / SIDE;
      builder.add(x, y, energies[hit], start + times[hit]);
      for (int row = Math.max(0, y - 1); row <= Math.min(SIDE - 1, y + 1); row++) {
        for (int column = Math.max(0, x - 1); column <= Math.min(SIDE - 1, x + 1); column++) {
          int neighbour = grid[row * SIDE + column];
          if (neighbour != 0) {
            grid[row * SIDE + column] = 0;
            stack[waiting++] = neighbour - 1;
          }
        }
      }
    }
    return timed ? builder.build(0) : builder.build(number, 0);
  }
}
