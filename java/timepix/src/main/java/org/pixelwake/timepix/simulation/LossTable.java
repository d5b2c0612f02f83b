package org.pixelwake.timepix.simulation;

/// What the transport needs of a kind of particle in a material, tabulated by the logarithm of the
/// energy. Between nodes, 1/60 of a decade apart, it is linear, which errs by less than 0.1 %.
/// Immutable.
final class LossTable {
  private static final double LEAST_MEV = 1e-4;
  private static final double GREATEST_MEV = 1e8;
  private static final double NODES_PER_UNIT = 60 / Math.log(10);
  private static final double LOG_LEAST = Math.log(LEAST_MEV);

  final Particle particle;
  final Material material;
  final Oscillators oscillators;
  private final double[] electronic;
  private final double[] radiative;
  private final double[] rangeUm;
  private final double[] chargeSquared;

  LossTable(Particle particle, Material material) {
    this.particle = particle;
    this.material = material;
    this.oscillators = new Oscillators(material);
    int n = 2 + (int) (Math.log(GREATEST_MEV / LEAST_MEV) * NODES_PER_UNIT);
    electronic = new double[n];
    radiative = new double[n];
    rangeUm = new double[n];
    chargeSquared = new double[n];
    StoppingPower power = new StoppingPower(particle, material);
    double keVPerUm = material.densityGPerCm3() * Physics.KEV_PER_MEV / Physics.UM_PER_CM;
    for (int i = 0; i < n; i++) {
      double energyMeV = LEAST_MEV * Math.exp(i / NODES_PER_UNIT);
      electronic[i] = power.electronic(energyMeV) * keVPerUm;
      radiative[i] = power.radiative(energyMeV) * keVPerUm;
      chargeSquared[i] = power.effectiveChargeSquared(energyMeV);
      double keV = energyMeV * Physics.KEV_PER_MEV;
      double here = keV / total(i);
      rangeUm[i] = here;
      if (i > 0) {
        double before = keV * Math.exp(-1 / NODES_PER_UNIT) / total(i - 1);
        rangeUm[i] = rangeUm[i - 1] + 0.5 / NODES_PER_UNIT * (here + before);
      }
    }
  }

  private double total(int i) {
    return electronic[i] + radiative[i];
  }

  /// Place of an energy in the table, for the methods below.
  double place(double kineticMeV) {
    double place = (Math.log(kineticMeV) - LOG_LEAST) * NODES_PER_UNIT;
    return Math.clamp(place, 0, electronic.length - 1.000001);
  }

  private static double at(double[] table, double place) {
    int i = (int) place;
    return table[i] + (place - i) * (table[i + 1] - table[i]);
  }

  /// Mean loss to electrons, keV/um.
  double electronicKeVPerUm(double place) {
    return at(electronic, place);
  }

  /// Mean loss to bremsstrahlung, keV/um.
  double radiativeKeVPerUm(double place) {
    return at(radiative, place);
  }

  /// Range in the continuous-slowing-down approximation, um.
  double rangeUm(double place) {
    return at(rangeUm, place);
  }

  /// Square of the effective charge.
  double chargeSquared(double place) {
    return at(chargeSquared, place);
  }
}
