package org.pixelwake.timepix.simulation;

import java.util.List;
import java.util.function.Consumer;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// Sends particles of one kind and energy straight into a stack of layers and tells what became of
/// each, to compare the transport with published measurements. Not for many threads at once, but
/// any number of beams may run beside each other.
public final class TestBeam {
  private static final long BEAM = 79;

  private final TransportTables tables;
  private final Particle particle;
  private final double energyMeV;

  /// @param layers what the beam meets, in its direction
  /// @param energyMeV kinetic energy, MeV
  public TestBeam(List<MaterialLayer> layers, Particle particle, double energyMeV) {
    this.tables = new TransportTables(layers, TransportOptions.defaults());
    this.particle = particle;
    this.energyMeV = energyMeV;
  }

  /// What became of a particle.
  ///
  /// @param energyOutMeV its kinetic energy where it left the stack, MeV; 0 where it stopped in it
  /// @param zUm along the beam, where it left or stopped, um from the first face
  /// @param angleRadians projected angle to the beam, radians, -pi to pi
  public record Passage(double energyOutMeV, double zUm, double angleRadians) {

    /// Whether it left by the face it came in.
    public boolean back() {
      return energyOutMeV > 0 && Math.abs(angleRadians) > Math.PI / 2;
    }

    /// Whether it left by the far face.
    public boolean through() {
      return energyOutMeV > 0 && !back();
    }
  }

  /// Sends particles one after the other; the same seed gives the same.
  ///
  /// @param count how many
  /// @param receiver takes what became of each
  public void run(int count, long seed, Consumer<Passage> receiver) {
    Transport transport = new Transport(tables);
    ParticleRandom random = new ParticleRandom();
    Deposits deposits = new Deposits();
    double[] origin = {0, 0, 0};
    double[] inward = {0, 0, 1};
    for (int i = 0; i < count; i++) {
      random.start(seed, BEAM, i);
      deposits.clear();
      transport.follow(particle, energyMeV, origin, inward, random, deposits);
      Direction out = transport.primaryDirection;
      receiver.accept(
          new Passage(
              transport.primaryOutMeV, transport.primaryPoint[2], Math.atan2(out.x, out.z)));
    }
  }
}
