package org.pixelwake.timepix.sensor;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;

/// Response of a sensor to energy that another program has deposited in it, event by event: drift
/// and sharing of the charge, threshold, ToT and times of arrival as in [Simulator].
///
/// Each deposit is a point, so that the charges of dense tracks do not push each other apart: the
/// clusters of alphas and ions come out smaller than measured ones. The clusters of an event depend
/// on the seed and on its number only. For one thread.
public final class DepositResponse {
  private static final long STREAM = 81;

  private final Sensor sensor;
  private final long seed;
  private final SensorResponse response;
  private final ParticleRandom random = new ParticleRandom();
  private final Deposits deposits = new Deposits();

  /// @param seed of noise, and of the pixels' thresholds and faults
  public DepositResponse(Sensor sensor, long seed) {
    this.sensor = sensor;
    this.seed = seed;
    this.response = new SensorResponse(sensor, seed);
  }

  /// Whether a place is in the sensor. Sideways it is where charge can come to a pixel from.
  ///
  /// @param xUm um from the outer edge of column 0
  /// @param yUm um from the outer edge of row 0
  /// @param depthUm um from the face of the common electrode towards the pixels
  public boolean holds(double xUm, double yUm, double depthUm) {
    double side = sensor.pixels() * sensor.pitchUm();
    // Deposits on the very faces may lie beyond them by rounding.
    double margin = 1e-3 * sensor.thicknessUm();
    return xUm >= -side
        && xUm <= 2 * side
        && yUm >= -side
        && yUm <= 2 * side
        && depthUm >= -margin
        && depthUm <= sensor.thicknessUm() + margin;
  }

  /// Adds a deposit to the event, at a place as for [#holds].
  public void add(double xUm, double yUm, double depthUm, double energyKeV) {
    deposits.add(xUm, yUm, depthUm, xUm, yUm, depthUm, energyKeV);
  }

  /// The clusters of the event, and begins the next one. In data-driven readout the frame of the
  /// clusters is 0, else the number of the event.
  ///
  /// @param event number of the event, not negative
  /// @param timeNs when the event was, ns
  /// @param truth the particle; its deposited and collected energies are filled in. Null where it
  ///   is not known
  public List<Cluster> finish(long event, double timeNs, @Nullable Truth truth) {
    random.start(seed, STREAM, event);
    List<Cluster> clusters = response.respond(deposits, timeNs, event, random);
    if (truth != null) {
      Truth known = truth.inSensor(deposits.sumKeV(), response.collectedKeV(), truth.number());
      clusters = response.labelled(clusters, known);
    }
    deposits.clear();
    return clusters;
  }
}
