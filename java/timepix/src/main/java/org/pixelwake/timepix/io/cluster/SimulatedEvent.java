package org.pixelwake.timepix.io.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
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
  private static final int SIDE = 1 << 16; // more than the columns of a sensor: rows do not touch

  /// A pixel that was hit, with its time in ns after the begin of the event.
  private static final class Hit {
    final int x;
    final int y;
    float energy;
    double time;

    Hit(int x, int y, float energy, double time) {
      this.x = x;
      this.y = y;
      this.energy = energy;
      this.time = time;
    }
  }

  private final boolean timed;
  private final @Nullable DepositResponse response;
  private final Tally tally;
  private final ClusterBuilder builder = new ClusterBuilder();
  private final Map<Integer, Hit> hits = new LinkedHashMap<>();
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
    any = true;
    return hits.putIfAbsent(y * SIDE + x, new Hit(x, y, energy, time)) == null;
  }

  /// Adds energy to a pixel, which is hit at the first of its times.
  void add(int x, int y, float energy, double time) {
    any = true;
    hits.merge(
        y * SIDE + x,
        new Hit(x, y, energy, time),
        (known, more) -> {
          known.energy += more.energy;
          known.time = Math.min(known.time, more.time);
          return known;
        });
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
    } else if (!hits.isEmpty()) {
      Truth known = numbered(depositedKeV, collectedKeV);
      while (!hits.isEmpty()) {
        Cluster cluster = cluster(hits.keySet().iterator().next(), start);
        clusters.add(known == null ? cluster : cluster.withTruth(known));
      }
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

  /// Takes out the pixels that touch the given one, directly or by others.
  private Cluster cluster(int first, double start) {
    Deque<Hit> waiting = new ArrayDeque<>();
    waiting.push(Objects.requireNonNull(hits.remove(first)));
    while (!waiting.isEmpty()) {
      Hit hit = waiting.pop();
      builder.add(hit.x, hit.y, hit.energy, start + hit.time);
      for (int y = hit.y - 1; y <= hit.y + 1; y++) {
        for (int x = hit.x - 1; x <= hit.x + 1; x++) {
          Hit neighbour = hits.remove(y * SIDE + x);
          if (neighbour != null) {
            waiting.push(neighbour);
          }
        }
      }
    }
    return timed ? builder.build(0) : builder.build(number, 0);
  }
}
