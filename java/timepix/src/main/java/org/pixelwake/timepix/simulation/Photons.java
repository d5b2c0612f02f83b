package org.pixelwake.timepix.simulation;

import java.util.Deque;
import org.pixelwake.timepix.sensor.ParticleRandom;

/// Follows a photon to its next interaction: photoelectric absorption, Compton scattering or the
/// production of an electron and a positron. What comes of it waits to be followed in its turn. For
/// one thread.
///
/// Absorption: an electron of the K shell in the direction of F. Sauter (Ann. Phys. 403 (1931) 454)
/// and K fluorescence, or an electron with all the energy, as the other shells bind by 0.15 keV at
/// most. Scattering: the formula of Klein and Nishina with the [Material.IncoherentFunction], on
/// electrons at rest, without the width that their motion gives to the energy (0.5 keV of 60 keV).
/// Pairs: energies as with complete screening (PDG 2022, equation 34.31), which a field of an
/// electron shares.
final class Photons {
  /// `h c` in keV Angstrom.
  private static final double HC_KEV_ANGSTROM = 12.398420;

  private final TransportTables tables;
  private final Deque<Freed> waiting;

  /// Place where the photon interacted or left the stack, um.
  double x;

  double y;
  double z;

  /// Its layer there.
  int layer;

  /// Energy, keV, that stayed there.
  double localKeV;

  /// Energy, keV, with which it left the stack.
  double leavingKeV;

  /// Energy, keV, that became mass.
  double massKeV;

  /// @param waiting takes the particles that are set free
  Photons(TransportTables tables, Deque<Freed> waiting) {
    this.tables = tables;
    this.waiting = waiting;
  }

  /// Follows a photon to its end or its next interaction.
  void follow(Freed photon, ParticleRandom random) {
    localKeV = 0;
    leavingKeV = 0;
    massKeV = 0;
    double energyMeV = photon.energyMeV();
    Direction direction = photon.direction();
    x = photon.x();
    y = photon.y();
    z = photon.z();
    layer = tables.layerAt(z);
    if (direction.z < 0 && z <= tables.frontUm[layer]) {
      layer--;
    } else if (direction.z > 0 && z >= tables.frontUm[tables.layers.length]) {
      layer = tables.layers.length;
    }
    double freePaths = random.exponential();
    while (layer >= 0 && layer < tables.layers.length) {
      if (energyMeV < PhotonTable.LEAST_MEV) {
        localKeV = energyMeV * Physics.KEV_PER_MEV;
        return;
      }
      double perUm = tables.photons[layer].totalPerUm(energyMeV);
      double boundary = direction.z > 0 ? tables.frontUm[layer + 1] : tables.frontUm[layer];
      double way = direction.z == 0 ? Double.POSITIVE_INFINITY : (boundary - z) / direction.z;
      double gone = Math.min(freePaths / perUm, way);
      x += gone * direction.x;
      y += gone * direction.y;
      if (gone < way) {
        z = Math.clamp(z + gone * direction.z, tables.frontUm[layer], tables.frontUm[layer + 1]);
        interact(photon, random);
        return;
      }
      freePaths -= gone * perUm;
      z = boundary;
      layer += direction.z > 0 ? 1 : -1;
    }
    leavingKeV = energyMeV * Physics.KEV_PER_MEV;
  }

  private void interact(Freed photon, ParticleRandom random) {
    PhotonTable table = tables.photons[layer];
    double energyMeV = photon.energyMeV();
    double rest = random.uniform() * table.totalPerUm(energyMeV);
    rest -= table.photoelectricPerUm(energyMeV);
    if (rest < 0) {
      absorb(table, photon, random);
      return;
    }
    rest -= table.incoherentPerUm(energyMeV);
    if (rest < 0 || table.pairPerUm(energyMeV) == 0) {
      scatter(table, photon, random);
    } else {
      pair(photon, random);
    }
  }

  private void free(Particle particle, double energyMeV, Direction direction) {
    waiting.push(new Freed(particle, energyMeV, x, y, z, direction));
  }

  private void absorb(PhotonTable table, Freed photon, ParticleRandom random) {
    double energyMeV = photon.energyMeV();
    if (energyMeV < table.edgeMeV) {
      localKeV = energyMeV * Physics.KEV_PER_MEV;
      return;
    }
    double electronMeV = energyMeV;
    if (random.uniform() < table.edgeShare) {
      electronMeV = energyMeV - table.edgeMeV;
      localKeV = table.edgeMeV * Physics.KEV_PER_MEV;
      Material.Fluorescence fluorescence = table.material.fluorescence();
      if (random.uniform() < fluorescence.yield()) {
        localKeV -= fluorescence.energyKeV();
        double fluorescenceMeV = fluorescence.energyKeV() / Physics.KEV_PER_MEV;
        free(Particle.PHOTON, fluorescenceMeV, Direction.isotropic(random));
      }
    }
    double cosine = sauterCosine(electronMeV, random);
    free(Particle.ELECTRON, electronMeV, photon.direction().turned(cosine, random));
  }

  /// Draws the cosine of the angle of a photoelectron: by `v = 1 - cosine` as `(2 - v) (1 / (a + v)
  /// + b) v / (a + v)^3`, where `a = 1 / beta - 1` and `b = beta gamma (gamma - 1) (gamma - 2) /
  ///   2`. The last factor is drawn by its inverse, the others by rejection.
  private static double sauterCosine(double kineticMeV, ParticleRandom random) {
    double gamma = 1 + kineticMeV / Physics.ELECTRON_MASS_MEV;
    double beta = Math.sqrt(Physics.betaSquared(kineticMeV, Physics.ELECTRON_MASS_MEV));
    double a = 1 / beta - 1;
    double b = 0.5 * beta * gamma * (gamma - 1) * (gamma - 2);
    double greatest = 2 * (1 / a + b);
    double v;
    do {
      double u = random.uniform();
      v = 2 * a / ((a + 2) * (a + 2) - 4 * u) * (2 * u + (a + 2) * Math.sqrt(u));
    } while (random.uniform() * greatest > (2 - v) * (1 / (a + v) + b));
    return 1 - v;
  }

  private void scatter(PhotonTable table, Freed photon, ParticleRandom random) {
    double energyMeV = photon.energyMeV();
    double share = comptonShare(table.material.incoherent(), energyMeV, random);
    double k = energyMeV / Physics.ELECTRON_MASS_MEV;
    double cosine = Math.clamp(1 - (1 - share) / (k * share), -1, 1);
    double azimuth = 2 * Math.PI * random.uniform();
    double photonMeV = share * energyMeV;
    double electronMeV = energyMeV - photonMeV;
    free(Particle.PHOTON, photonMeV, photon.direction().turned(cosine, azimuth));
    double momentum = Physics.momentumMeV(electronMeV, Physics.ELECTRON_MASS_MEV);
    double recoil = momentum > 0 ? (energyMeV - photonMeV * cosine) / momentum : 1;
    double electronCosine = Math.clamp(recoil, -1, 1);
    free(
        Particle.ELECTRON,
        electronMeV,
        photon.direction().turned(electronCosine, azimuth + Math.PI));
  }

  /// Draws the share of its energy that a photon keeps in Compton scattering: Klein and Nishina's
  /// formula as the sum of `1/e` and `e`, each drawn by its inverse, with what remains and the
  /// incoherent function by rejection (J. C. Butcher, H. Messel, Nucl. Phys. 20 (1960) 15).
  static double comptonShare(
      Material.IncoherentFunction incoherent, double energyMeV, ParticleRandom random) {
    double k = energyMeV / Physics.ELECTRON_MASS_MEV;
    double least = 1 / (1 + 2 * k);
    double logs = -Math.log(least);
    double squares = (1 - least * least) / 2;
    double perAngstrom = energyMeV * Physics.KEV_PER_MEV / HC_KEV_ANGSTROM;
    while (true) {
      double e =
          random.uniform() * (logs + squares) < logs
              ? Math.exp(-logs * random.uniform())
              : Math.sqrt(least * least + 2 * squares * random.uniform());
      double turn = (1 - e) / (k * e);
      double keep = 1 - e * turn * (2 - turn) / (1 + e * e);
      double transfer = perAngstrom * Math.sqrt(Math.max(0, turn) / 2);
      if (random.uniform() < keep * incoherent.share(transfer)) {
        return e;
      }
    }
  }

  private void pair(Freed photon, ParticleRandom random) {
    double least = Physics.ELECTRON_MASS_MEV / photon.energyMeV();
    double share;
    do {
      share = least + random.uniform() * (1 - 2 * least);
    } while (random.uniform() > 1 - 4.0 / 3 * share * (1 - share));
    double azimuth = 2 * Math.PI * random.uniform();
    massKeV = 2 * Physics.ELECTRON_MASS_MEV * Physics.KEV_PER_MEV;
    member(Particle.ELECTRON, share, photon, azimuth, random);
    member(Particle.POSITRON, 1 - share, photon, azimuth + Math.PI, random);
  }

  private void member(
      Particle particle, double share, Freed photon, double azimuth, ParticleRandom random) {
    double totalMeV = share * photon.energyMeV();
    double cosine = radiationCosine(totalMeV, random);
    double kineticMeV = Math.max(0, totalMeV - Physics.ELECTRON_MASS_MEV);
    free(particle, kineticMeV, photon.direction().turned(cosine, azimuth));
  }

  /// Draws the cosine of the angle between a photon and an electron of this energy with its mass,
  /// which radiated it or came of it: `u / (1 + u^2)^2` of the angle u in units of `m / E`.
  static double radiationCosine(double totalMeV, ParticleRandom random) {
    double u = random.uniform();
    double angle = Physics.ELECTRON_MASS_MEV / totalMeV * Math.sqrt(u / (1 - u));
    return Math.cos(Math.min(Math.PI, angle));
  }
}
