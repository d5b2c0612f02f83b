package org.pixelwake.timepix.simulation;

import org.pixelwake.timepix.sensor.ParticleRandom;

/// Energy that one particle loses to electrons in a step: the many losses below a cut together, and
/// each electron above it.
///
/// Above the cut electrons are free: the cross-section of Bhabha for heavy particles (PDG 2022,
/// equation 34.8, without the spin term, which matters above 10 GeV), of Moller for electrons, of
/// Bhabha for positrons (ICRU Report 37, equations 2.1 and 2.2). Below, the [Oscillators] are
/// excited; how often follows from the mean loss, which is that of the [StoppingPower].
///
/// Set to an energy by [#at], then used for a step; for one thread.
final class Collisions {
  /// Close collisions in a step up to which each is drawn; of more, only the greatest.
  private static final double DRAWN_SINGLY = 30;

  private static final double DRAWN_GREATEST = 12;

  // More than the greatest value of g(), whatever the energy.
  private static final double MOLLER_BOUND = 2.25;

  private final double cutKeV;
  private LossTable table;
  private double kineticKeV;
  private double gamma;
  private double betaSquared;
  private double xiKeVPerUm;
  private double greatestKeV;
  private double closeScale;
  private double distant;
  private double continuousKeVPerUm;

  /// @param cutKeV energy above which electrons are produced, keV
  Collisions(double cutKeV, LossTable table) {
    this.cutKeV = cutKeV;
    this.table = table;
  }

  /// Sets the particle and its energy.
  void at(LossTable loss, double kineticMeV, double place) {
    table = loss;
    Particle particle = table.particle;
    double massMeV = particle.massMeV();
    kineticKeV = kineticMeV * Physics.KEV_PER_MEV;
    gamma = 1 + kineticMeV / massMeV;
    betaSquared = Physics.betaSquared(kineticMeV, massMeV);
    Material material = table.material;
    double electrons = material.electronsPerMass();
    double perCharge = Physics.BETHE_K / 2 * electrons * material.densityGPerCm3();
    double xiMeVPerCm = perCharge * table.chargeSquared(place) / betaSquared;
    xiKeVPerUm = xiMeVPerCm * Physics.KEV_PER_MEV / Physics.UM_PER_CM;
    greatestKeV = greatestTransferKeV(particle, kineticMeV);
    restrict(table.electronicKeVPerUm(place));
  }

  /// Most energy that an electron can get, keV; of two electrons the slower is the one hit.
  static double greatestTransferKeV(Particle particle, double kineticMeV) {
    if (particle.light()) {
      return kineticMeV * Physics.KEV_PER_MEV * (particle.charge() < 0 ? 0.5 : 1);
    }
    double ratio = Physics.ELECTRON_MASS_MEV / particle.massMeV();
    double eta = Physics.betaGammaSquared(kineticMeV, particle.massMeV());
    double gamma = 1 + kineticMeV / particle.massMeV();
    double twice = 2 * Physics.ELECTRON_MASS_MEV * eta;
    return twice / (1 + 2 * gamma * ratio + ratio * ratio) * Physics.KEV_PER_MEV;
  }

  private boolean producing() {
    return greatestKeV > cutKeV;
  }

  /// Finds how often oscillators are excited from the mean that is left below the cut.
  private void restrict(double meanKeVPerUm) {
    double left = meanKeVPerUm / xiKeVPerUm - (producing() ? meanAbove() : 0);
    double upper = Math.min(cutKeV, greatestKeV);
    double close = 0;
    double active = 0;
    Oscillators o = table.oscillators;
    for (int i = 0; i < o.share.length; i++) {
      if (o.resonanceKeV[i] < upper) {
        close += o.share[i] * Math.log(upper / o.resonanceKeV[i]);
        active += o.share[i];
      }
    }
    left = Math.max(left, 0);
    // Slow particles lose less than free electrons would take: their collisions are fewer.
    closeScale = close > left ? left / close : 1;
    distant = active > 0 && left > close ? (left - close) / active : 0;
    // So slow that no shell can be excited: what is left of the loss comes evenly.
    continuousKeVPerUm = active > 0 ? 0 : meanKeVPerUm;
  }

  /// Mean energy that electrons above the cut get, over xi.
  private double meanAbove() {
    double cut = cutKeV;
    if (!table.particle.light()) {
      return Math.log(greatestKeV / cut) - betaSquared * (1 - cut / greatestKeV);
    }
    double low = cut / kineticKeV;
    if (table.particle.charge() > 0) {
      return bhabhaMoment(1) - bhabhaMoment(low);
    }
    return mollerMoment(0.5) - mollerMoment(low);
  }

  private double mollerMoment(double e) {
    double last = (2 * gamma - 1) / (gamma * gamma);
    double middle = (gamma - 1) / gamma;
    return Math.log(e) + (1 + last) * Math.log1p(-e) + 1 / (1 - e) + 0.5 * middle * middle * e * e;
  }

  private double bhabhaMoment(double e) {
    double y = 1 / (gamma + 1);
    double x = 1 - 2 * y;
    double b4 = x * x * x;
    double b3 = b4 + x * x;
    double b2 = x * (3 + y * y);
    double b1 = 2 - y * y;
    return Math.log(e) - betaSquared * e * (b1 - e * (b2 / 2 - e * (b3 / 3 - e * b4 / 4)));
  }

  /// Cross-section of free electrons over that of Rutherford, at an energy transfer.
  private double g(double transferKeV) {
    if (!table.particle.light()) {
      return 1 - betaSquared * transferKeV / greatestKeV;
    }
    double e = transferKeV / kineticKeV;
    if (table.particle.charge() > 0) {
      double y = 1 / (gamma + 1);
      double x = 1 - 2 * y;
      double b4 = x * x * x;
      return 1 - betaSquared * e * (2 - y * y - e * (x * (3 + y * y) - e * (b4 + x * x - e * b4)));
    }
    double r = e / (1 - e);
    double middle = (gamma - 1) / gamma * e;
    return 1 + r * r + middle * middle - (2 * gamma - 1) / (gamma * gamma) * r;
  }

  /// Draws how many electrons may be produced in a step; each is then drawn by [#electron].
  int candidates(double stepUm, ParticleRandom random) {
    if (!producing()) {
      return 0;
    }
    double bound = table.particle.light() && table.particle.charge() < 0 ? MOLLER_BOUND : 1;
    double mean = bound * xiKeVPerUm * stepUm * (1 / cutKeV - 1 / greatestKeV);
    return random.poisson(mean);
  }

  /// Energy of an electron above the cut, keV, or 0 where the candidate is none.
  double electron(ParticleRandom random) {
    double u = random.uniform();
    double transfer = cutKeV / (1 - u * (1 - cutKeV / greatestKeV));
    double bound = table.particle.light() && table.particle.charge() < 0 ? MOLLER_BOUND : 1;
    return random.uniform() * bound < g(transfer) ? transfer : 0;
  }

  /// Draws the sum of the losses below the cut in a step, keV.
  double restrictedLossKeV(double stepUm, ParticleRandom random) {
    double upper = Math.min(cutKeV, greatestKeV);
    Oscillators o = table.oscillators;
    double sum = continuousKeVPerUm * stepUm;
    for (int i = 0; i < o.share.length; i++) {
      double resonance = o.resonanceKeV[i];
      if (resonance < upper) {
        double xi = xiKeVPerUm * stepUm * o.share[i];
        sum += resonance * random.poisson(xi * distant / resonance);
        sum += closeLossKeV(xi * closeScale, resonance, upper, random);
      }
    }
    return sum;
  }

  /// The sum of losses distributed as `xi / W^2` between two energies.
  private static double closeLossKeV(double xi, double least, double most, ParticleRandom random) {
    double mean = xi * (1 / least - 1 / most);
    double from = least;
    double sum = 0;
    if (mean > DRAWN_SINGLY) {
      // So many small ones that their sum is normal; the dozen greatest give the tail its shape.
      from = 1 / (1 / most + DRAWN_GREATEST / xi);
      double normal = Math.sqrt(xi * (from - least)) * random.gaussian();
      sum = Math.max(0, xi * Math.log(from / least) + normal);
      mean = DRAWN_GREATEST;
    }
    int n = random.poisson(mean);
    double range = 1 - from / most;
    for (int i = 0; i < n; i++) {
      sum += from / (1 - random.uniform() * range);
    }
    return sum;
  }
}
