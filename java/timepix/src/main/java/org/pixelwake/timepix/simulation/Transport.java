package org.pixelwake.timepix.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// Follows one particle after the other, and what they set free, through a stack of layers.
///
/// A step has its scattering at one random place of it, which gives the displacement sideways its
/// right variance and correlation with the angle (the hinge of PENELOPE: J. Baro et al., Nucl.
/// Instrum. Methods B 100 (1995) 31). Energy is conserved: what a particle brings is deposited,
/// leaves, or becomes mass. For one thread.
public final class Transport {
  /// Range, um, below which a particle stops where it is: an electron of about 3 keV.
  private static final double STOPPED_UM = 0.15;

  /// Step, um, that is not made shorter near a boundary.
  private static final double SHORTEST_UM = 0.02;

  /// Share of the transport path that an electron may go in a step.
  private static final double TRANSPORT_SHARE = 0.2;

  /// Photons radiated below this energy, keV, are deposited where they arise; above, followed.
  private static final double PHOTON_CUT_KEV = 10;

  private final TransportTables tables;
  private final Deque<Freed> waiting = new ArrayDeque<>();
  private final Photons photons;
  private final Collisions collisions;
  private final Scattering scattering = new Scattering();
  private Deposits deposits = new Deposits();
  private ParticleRandom random = new ParticleRandom();

  private double kineticMeV;
  private double x;
  private double y;
  private double z;
  private int layer;
  private final Direction direction = new Direction(0, 0, 1);

  // Of a step: where it sets particles free, and the direction that the particle came in.
  private double hingeX;
  private double hingeY;
  private double hingeZ;
  private final Direction incoming = new Direction(0, 0, 1);

  /// Energy left in layers that are not sensitive, keV.
  double elsewhereKeV;

  /// Kinetic energy of particles that left the stack, photons among them, keV.
  double leavingKeV;

  /// Energy that became the mass of electrons and positrons, keV; negative where more of them
  /// annihilated than arose.
  double massKeV;

  /// Kinetic energy with which the particle itself left, MeV; 0 where it stopped, and of a photon
  /// that was scattered or absorbed.
  double primaryOutMeV;

  /// Coordinates, um, of the point where the particle itself left or stopped.
  final double[] primaryPoint = new double[3];

  /// Direction in which the particle itself left or stopped.
  final Direction primaryDirection = new Direction(0, 0, 1);

  public Transport(TransportTables tables) {
    this.tables = tables;
    this.photons = new Photons(tables, waiting);
    this.collisions = new Collisions(tables.options.deltaCutKeV(), tables.of(Particle.ELECTRON)[0]);
  }

  /// Follows a particle from a point, um, in a direction (a unit vector; z into the stack), with
  /// all that it sets free. The results are those of the fields above until the next call.
  public void follow(
      Particle particle,
      double energyMeV,
      double[] point,
      double[] unit,
      ParticleRandom numbers,
      Deposits target) {
    random = numbers;
    deposits = target;
    elsewhereKeV = 0;
    leavingKeV = 0;
    massKeV = 0;
    waiting.clear();
    Direction inward = new Direction(unit[0], unit[1], unit[2]);
    follow(new Freed(particle, energyMeV, point[0], point[1], point[2], inward));
    primaryOutMeV = kineticMeV;
    primaryPoint[0] = x;
    primaryPoint[1] = y;
    primaryPoint[2] = z;
    primaryDirection.set(direction);
    while (!waiting.isEmpty()) {
      follow(waiting.pop());
    }
  }

  private void follow(Freed freed) {
    direction.set(freed.direction());
    if (freed.particle().equals(Particle.PHOTON)) {
      followPhoton(freed);
      return;
    }
    kineticMeV = freed.energyMeV();
    x = freed.x();
    y = freed.y();
    z = freed.z();
    layer = tables.layerAt(z);
    run(tables.of(freed.particle()));
  }

  private void followPhoton(Freed photon) {
    photons.follow(photon, random);
    kineticMeV = photons.leavingKeV / Physics.KEV_PER_MEV;
    x = photons.x;
    y = photons.y;
    z = photons.z;
    layer = photons.layer;
    leavingKeV += photons.leavingKeV;
    massKeV += photons.massKeV;
    if (photons.localKeV > 0) {
      deposit(x, y, z, photons.localKeV);
    }
  }

  private void run(LossTable[] losses) {
    while (layer >= 0 && layer < tables.layers.length) {
      LossTable table = losses[layer];
      double place = table.place(kineticMeV);
      double range = table.rangeUm(place);
      if (range < STOPPED_UM) {
        deposit(x, y, z, kineticMeV * Physics.KEV_PER_MEV);
        kineticMeV = 0;
      } else {
        step(table, place, range);
      }
      if (kineticMeV <= 0) {
        annihilate(table.particle);
        return;
      }
    }
    leavingKeV += kineticMeV * Physics.KEV_PER_MEV;
  }

  /// Two photons in opposite directions of a positron that has stopped.
  private void annihilate(Particle particle) {
    if (particle.equals(Particle.POSITRON)) {
      Direction one = Direction.isotropic(random);
      Direction other = new Direction(-one.x, -one.y, -one.z);
      waiting.push(new Freed(Particle.PHOTON, Physics.ELECTRON_MASS_MEV, x, y, z, one));
      waiting.push(new Freed(Particle.PHOTON, Physics.ELECTRON_MASS_MEV, x, y, z, other));
      massKeV -= 2 * Physics.ELECTRON_MASS_MEV * Physics.KEV_PER_MEV;
    }
  }

  private void step(LossTable table, double place, double range) {
    TransportOptions options = tables.options;
    double step =
        Math.min(options.longestStepUm(), Math.max(options.rangeShare() * range, STOPPED_UM));
    double lossKeV = step * table.electronicKeVPerUm(place);
    double middleMeV = Math.max(kineticMeV - 0.5 * lossKeV / Physics.KEV_PER_MEV, 0.5 * kineticMeV);
    double middle = table.place(middleMeV);
    scattering.at(table, middleMeV, middle, options.deltaCutKeV() / Physics.KEV_PER_MEV);
    if (table.particle.light()) {
      step = Math.min(step, Math.max(TRANSPORT_SHARE * scattering.transportPathUm(), SHORTEST_UM));
    }
    step = Math.max(Math.min(step, toBoundary()), SHORTEST_UM);
    double startX = x;
    double startY = y;
    double startZ = z;
    double before = step * random.uniform();
    double gone = move(before);
    hingeX = x;
    hingeY = y;
    hingeZ = z;
    incoming.set(direction);
    if (gone >= before) {
      direction.turn(scattering.small(step, random), random);
      for (int i = scattering.great(step, random); i > 0; i--) {
        direction.turn(scattering.greatCosine(random), random);
      }
      gone += move(step - before);
    }
    collisions.at(table, middleMeV, middle);
    double left = kineticMeV * Physics.KEV_PER_MEV;
    double soft =
        collisions.restrictedLossKeV(gone, random)
            + softRadiationKeV(gone * table.radiativeKeVPerUm(middle), middleMeV);
    soft = Math.min(soft, left);
    deposit(startX, startY, startZ, soft);
    left -= soft;
    left = produce(table, gone, left);
    if (table.particle.light()) {
      left = radiate(gone * table.radiativeKeVPerUm(middle), middleMeV, left);
    }
    kineticMeV = left / Physics.KEV_PER_MEV;
    cross();
  }

  /// Sets electrons free at the hinge, which is at a random place of the step.
  private double produce(LossTable table, double gone, double leftKeV) {
    double left = leftKeV;
    for (int i = collisions.candidates(gone, random); i > 0; i--) {
      double energyKeV = collisions.electron(random);
      if (energyKeV > 0 && energyKeV < left) {
        double nowMeV = left / Physics.KEV_PER_MEV;
        double deltaMeV = energyKeV / Physics.KEV_PER_MEV;
        double massMeV = table.particle.massMeV();
        double momentum = Physics.momentumMeV(nowMeV, massMeV);
        double own = Physics.momentumMeV(deltaMeV, Physics.ELECTRON_MASS_MEV);
        double cosine =
            Math.min(
                1, deltaMeV * (nowMeV + massMeV + Physics.ELECTRON_MASS_MEV) / (momentum * own));
        double azimuth = 2 * Math.PI * random.uniform();
        freeAtHinge(Particle.ELECTRON, deltaMeV, incoming.turned(cosine, azimuth));
        left -= energyKeV;
        if (table.particle.light()) {
          double rest = Physics.momentumMeV(nowMeV - deltaMeV, massMeV);
          double recoil = (momentum - own * cosine) / rest;
          direction.turn(Math.clamp(recoil, -1, 1), azimuth + Math.PI);
        }
      }
    }
    return left;
  }

  private void freeAtHinge(Particle particle, double energyMeV, Direction along) {
    waiting.push(new Freed(particle, energyMeV, hingeX, hingeY, hingeZ, along));
  }

  /// Mean energy of the photons below the cut, keV, of the spectrum of [#photonShare].
  private static double softRadiationKeV(double radiativeKeV, double energyMeV) {
    double cut = Math.min(1, PHOTON_CUT_KEV / (energyMeV * Physics.KEV_PER_MEV));
    return radiativeKeV * cut * (1 - cut / 2 + cut * cut / 4) / 0.75;
  }

  /// Radiates photons above the cut at the hinge.
  private double radiate(double radiativeKeV, double energyMeV, double leftKeV) {
    double energyKeV = energyMeV * Physics.KEV_PER_MEV;
    double cut = PHOTON_CUT_KEV / energyKeV;
    if (cut >= 1) {
      return leftKeV;
    }
    double left = leftKeV;
    // Trials of the spectrum 1/x, of which those of photonShare() are photons.
    double mean = radiativeKeV / (0.75 * energyKeV) * -Math.log(cut);
    for (int i = random.poisson(mean); i > 0; i--) {
      double share = Math.pow(cut, random.uniform());
      double photon = share * energyKeV;
      if (random.uniform() < photonShare(share) && photon < left) {
        left -= photon;
        double cosine = Photons.radiationCosine(energyMeV + Physics.ELECTRON_MASS_MEV, random);
        freeAtHinge(Particle.PHOTON, photon / Physics.KEV_PER_MEV, incoming.turned(cosine, random));
      }
    }
    return left;
  }

  /// Spectrum of bremsstrahlung times the energy of the photon, of complete screening (PDG 2022,
  /// equation 34.29); x is the share of the electron's energy. Its integral is 3/4.
  private static double photonShare(double x) {
    return 1 - x + 0.75 * x * x;
  }

  private void deposit(double fromX, double fromY, double fromZ, double energyKeV) {
    if (tables.layers[layer].sensitive()) {
      double front = tables.frontUm[layer];
      deposits.add(fromX, fromY, fromZ - front, x, y, z - front, energyKeV);
    } else {
      elsewhereKeV += energyKeV;
    }
  }

  /// Way to the boundary of the layer in the direction, um.
  private double toBoundary() {
    if (direction.z > 0) {
      return (tables.frontUm[layer + 1] - z) / direction.z;
    }
    return direction.z < 0 ? (tables.frontUm[layer] - z) / direction.z : Double.POSITIVE_INFINITY;
  }

  /// Goes straight, at most to the boundary; returns the way gone.
  private double move(double wayUm) {
    double way = Math.min(wayUm, toBoundary());
    x += way * direction.x;
    y += way * direction.y;
    z = Math.clamp(z + way * direction.z, tables.frontUm[layer], tables.frontUm[layer + 1]);
    return way;
  }

  private void cross() {
    double edge = 1e-9 * (1 + z);
    if (direction.z > 0 && z >= tables.frontUm[layer + 1] - edge) {
      z = tables.frontUm[layer + 1];
      layer++;
    } else if (direction.z < 0 && z <= tables.frontUm[layer] + edge) {
      z = tables.frontUm[layer];
      layer--;
    }
  }
}
