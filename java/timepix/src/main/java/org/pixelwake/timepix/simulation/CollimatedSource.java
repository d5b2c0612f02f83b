package org.pixelwake.timepix.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.sensor.SensorResponse;

/// A source far from a sensor, with sheets between that are far from each other: a particle goes on
/// where it leaves a sheet forward within an opening angle, and comes to the next sheet along the
/// axis. So sheets scatter particles out of the beam, which layers without end, one upon the other,
/// do not.
///
/// By reciprocity a source that sends particles into the opening angle evenly, of which those along
/// the axis are seen, gives the same. Electrons that are set free in the sheets and photons are
/// left out. Immutable; for many threads.
public final class CollimatedSource {
  private static final long TRACK = 80;

  /// Thickness over range beyond which no particle comes through, by far, whatever its luck.
  private static final double HOPELESS = 1.3;

  private final Sensor sensor;
  private final List<TransportTables> sheets;
  private final TransportTables covered;
  private final double leastCosine;

  /// @param sensor the detector, upon which particles come evenly
  /// @param sheets what they pass, from the source on
  /// @param cover layers that lie upon the sensor, from the outside
  /// @param openingDegrees greatest angle to the axis behind a sheet, degrees
  public CollimatedSource(
      Sensor sensor, List<MaterialLayer> sheets, List<MaterialLayer> cover, double openingDegrees) {
    if (!(openingDegrees > 0 && openingDegrees <= 90)) {
      throw new IllegalArgumentException("an opening is of 0 to 90 degrees: " + openingDegrees);
    }
    TransportOptions options = TransportOptions.defaults();
    this.sensor = sensor;
    this.sheets =
        sheets.stream().map(sheet -> new TransportTables(List.of(sheet), options)).toList();
    List<MaterialLayer> stack = new ArrayList<>(cover);
    stack.add(new MaterialLayer(Material.SILICON, sensor.thicknessUm(), true));
    this.covered = new TransportTables(stack, options);
    this.leastCosine = Math.cos(Math.toRadians(openingDegrees));
  }

  /// Simulates particles; those that leave a hit give clusters.
  ///
  /// @param spectra energies of the source, each as often as the other
  /// @param count number of particles that the source sends
  /// @param receiver takes the clusters
  public void run(
      Particle particle, List<Spectrum> spectra, int count, long seed, Consumer<Cluster> receiver) {
    List<Sheet> stages = sheets.stream().map(tables -> new Sheet(tables, particle)).toList();
    Transport last = new Transport(covered);
    SensorResponse response = new SensorResponse(sensor, seed);
    ParticleRandom random = new ParticleRandom();
    Deposits deposits = new Deposits();
    double side = sensor.pixels() * sensor.pitchUm();
    for (int i = 0; i < count; i++) {
      random.start(seed, TRACK, i);
      double energyMeV = spectra.get(i % spectra.size()).drawMeV(random);
      double[] unit = {0, 0, 1};
      for (Sheet stage : stages) {
        energyMeV = energyMeV > 0 ? stage.behind(energyMeV, unit, random) : 0;
      }
      if (energyMeV > 0) {
        double[] at = {side * random.uniform(), side * random.uniform(), 0};
        deposits.clear();
        last.follow(particle, energyMeV, at, unit, random, deposits);
        response.respond(deposits, 0, i, random).forEach(receiver);
      }
    }
  }

  /// A sheet and what the particle does in it.
  private final class Sheet {
    private final Particle particle;
    private final Transport transport;
    private final LossTable losses;
    private final double thicknessUm;
    private final Deposits deposits = new Deposits();

    Sheet(TransportTables tables, Particle particle) {
      this.particle = particle;
      this.transport = new Transport(tables);
      this.losses = tables.of(particle)[0];
      this.thicknessUm = tables.frontUm[1];
    }

    /// Energy behind it, MeV, and the direction there; 0 where the particle does not go on.
    double behind(double energyMeV, double[] unit, ParticleRandom random) {
      if (thicknessUm > HOPELESS * losses.rangeUm(losses.place(energyMeV))) {
        return 0;
      }
      transport.follow(
          particle, energyMeV, new double[3], new double[] {0, 0, 1}, random, deposits);
      Direction out = transport.primaryDirection;
      unit[0] = out.x;
      unit[1] = out.y;
      unit[2] = out.z;
      return out.z >= leastCosine ? transport.primaryOutMeV : 0;
    }
  }
}
