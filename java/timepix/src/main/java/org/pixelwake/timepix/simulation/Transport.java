package org.pixelwake.timepix.simulation;

import java.util.Arrays;

/// Follows one particle after the other, and the electrons they hit, through a stack of layers.
///
/// A step has its scattering at one random place of it, which gives the displacement sideways its
/// right variance and correlation with the angle (the hinge of PENELOPE: J. Baro et al., Nucl.
/// Instrum. Methods B 100 (1995) 31). Energy is conserved: what a particle brings is deposited,
/// leaves, or is radiated. For one thread.
final class Transport {
  /// Range, um, below which a particle stops where it is: an electron of about 3 keV.
  private static final double STOPPED_UM = 0.15;

  /// Step, um, that is not made shorter near a boundary.
  private static final double SHORTEST_UM = 0.02;

  /// Share of the transport path that an electron may go in a step.
  private static final double TRANSPORT_SHARE = 0.2;

  /// Photons below this energy are counted to the deposits, keV; above, they leave.
  private static final double PHOTON_CUT_KEV = 10;

  private static final int STATE = 7;

  private final TransportTables tables;
  private final LossTable[] electronTables;
  private final Collisions collisions;
  private final Scattering scattering = new Scattering();
  private final Direction direction = new Direction();
  private final Direction turned = new Direction();
  private double[] waiting = new double[STATE * 64];
  private int waitingSize;
  private Deposits deposits = new Deposits();
  private ParticleRandom random = new ParticleRandom();

  private LossTable[] current;
  private double kineticMeV;
  private double x;
  private double y;
  private double z;
  private int layer;
  private double hingeX;
  private double hingeY;
  private double hingeZ;

  private double elsewhereKeV;
  private double leavingKeV;
  private double radiatedKeV;
  private double primaryOutMeV;
  private final double[] primaryPoint = new double[3];
  private final Direction primaryDirection = new Direction();
  private int electrons;

  Transport(TransportTables tables) {
    this.tables = tables;
    this.electronTables = tables.of(Particle.ELECTRON);
    this.current = electronTables;
    this.collisions = new Collisions(tables.options.deltaCutKeV(), electronTables[0]);
  }

  /// Follows a particle from a point, um, in a direction (a unit vector; z into the stack), with
  /// all electrons it sets free. The results are those of the methods below until the next call.
  void follow(
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
    radiatedKeV = 0;
    primaryOutMeV = 0;
    electrons = 0;
    waitingSize = 0;
    current = tables.of(particle);
    kineticMeV = energyMeV;
    x = point[0];
    y = point[1];
    z = point[2];
    direction.set(unit[0], unit[1], unit[2]);
    layer = 0;
    while (layer < tables.layers.length - 1 && z >= tables.frontUm[layer + 1]) {
      layer++;
    }
    run();
    primaryOutMeV = kineticMeV;
    primaryPoint[0] = x;
    primaryPoint[1] = y;
    primaryPoint[2] = z;
    primaryDirection.set(direction.x, direction.y, direction.z);
    current = electronTables;
    while (waitingSize > 0) {
      pop();
      run();
    }
  }

  /// Energy left in layers that are not sensitive, keV.
  double elsewhereKeV() {
    return elsewhereKeV;
  }

  /// Kinetic energy of particles that left the stack, keV.
  double leavingKeV() {
    return leavingKeV;
  }

  /// Energy of photons that were radiated and taken to leave, keV.
  double radiatedKeV() {
    return radiatedKeV;
  }

  /// Kinetic energy with which the particle itself left, MeV; 0 where it stopped.
  double primaryOutMeV() {
    return primaryOutMeV;
  }

  /// Number of electrons above the cut.
  int electrons() {
    return electrons;
  }

  /// Direction in which the particle itself left or stopped.
  Direction primaryDirection() {
    return primaryDirection;
  }

  /// Coordinate, um, of the point where the particle itself left or stopped: axis 0 to 2.
  double primaryPoint(int axis) {
    return primaryPoint[axis];
  }

  private void run() {
    while (layer >= 0 && layer < tables.layers.length) {
      LossTable table = current[layer];
      double place = table.place(kineticMeV);
      double range = table.rangeUm(place);
      if (range < STOPPED_UM) {
        deposit(x, y, z, kineticMeV * Physics.KEV_PER_MEV);
        kineticMeV = 0;
        return;
      }
      step(table, place, range);
      if (kineticMeV <= 0) {
        return;
      }
    }
    leavingKeV += kineticMeV * Physics.KEV_PER_MEV;
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
    double inX = direction.x;
    double inY = direction.y;
    double inZ = direction.z;
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
    left = produce(table, gone, left, inX, inY, inZ);
    if (table.particle.light()) {
      left = radiate(gone * table.radiativeKeVPerUm(middle), middleMeV, left);
    }
    kineticMeV = left / Physics.KEV_PER_MEV;
    cross();
  }

  /// Sets electrons free at the hinge, which is at a random place of the step.
  private double produce(
      LossTable table, double gone, double leftKeV, double inX, double inY, double inZ) {
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
        turned.set(inX, inY, inZ);
        turned.turn(cosine, azimuth);
        push(deltaMeV);
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

  /// Mean energy of the photons below the cut, keV, of the spectrum of [#photonShare].
  private static double softRadiationKeV(double radiativeKeV, double energyMeV) {
    double cut = Math.min(1, PHOTON_CUT_KEV / (energyMeV * Physics.KEV_PER_MEV));
    return radiativeKeV * cut * (1 - cut / 2 + cut * cut / 4) / 0.75;
  }

  /// Radiates photons above the cut, which leave: in 1 mm of silicon nearly all of that energy
  /// does.
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
        radiatedKeV += photon;
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

  private void push(double energyMeV) {
    electrons++;
    int at = STATE * waitingSize;
    if (at == waiting.length) {
      waiting = Arrays.copyOf(waiting, 2 * at);
    }
    waiting[at] = energyMeV;
    waiting[at + 1] = hingeX;
    waiting[at + 2] = hingeY;
    waiting[at + 3] = hingeZ;
    waiting[at + 4] = turned.x;
    waiting[at + 5] = turned.y;
    waiting[at + 6] = turned.z;
    waitingSize++;
  }

  private void pop() {
    int at = STATE * --waitingSize;
    kineticMeV = waiting[at];
    x = waiting[at + 1];
    y = waiting[at + 2];
    z = waiting[at + 3];
    direction.set(waiting[at + 4], waiting[at + 5], waiting[at + 6]);
    layer = 0;
    while (layer < tables.layers.length - 1 && z >= tables.frontUm[layer + 1]) {
      layer++;
    }
  }
}
