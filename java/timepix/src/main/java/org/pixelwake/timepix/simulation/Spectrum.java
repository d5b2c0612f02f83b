package org.pixelwake.timepix.simulation;

import java.util.random.RandomGenerator;

/// Distribution of the kinetic energies of a source, MeV.
public sealed interface Spectrum {
  /// Draws an energy, MeV.
  double drawMeV(RandomGenerator random);

  /// One energy.
  ///
  /// @param energyMeV the energy, MeV
  record Mono(double energyMeV) implements Spectrum {
    public Mono {
      if (!(energyMeV > 0)) {
        throw new IllegalArgumentException("an energy is above 0: " + energyMeV + " MeV");
      }
    }

    @Override
    public double drawMeV(RandomGenerator random) {
      return energyMeV;
    }
  }

  /// Particles per energy as `E^-index` between two energies.
  ///
  /// @param index the index; 0 is uniform in energy, 1 in its logarithm
  /// @param leastMeV least energy, MeV
  /// @param greatestMeV greatest energy, MeV
  record PowerLaw(double index, double leastMeV, double greatestMeV) implements Spectrum {
    public PowerLaw {
      if (!(leastMeV > 0) || !(greatestMeV > leastMeV) || !Double.isFinite(index)) {
        throw new IllegalArgumentException(
            "energies rise from above 0: " + leastMeV + " to " + greatestMeV + " MeV");
      }
    }

    @Override
    public double drawMeV(RandomGenerator random) {
      double u = random.nextDouble();
      double power = 1 - index;
      double logRatio = Math.log(greatestMeV / leastMeV);
      // The limit of index 1, which the general formula nears without its digits.
      if (Math.abs(power * logRatio) < 1e-6) {
        return leastMeV * Math.exp(u * logRatio);
      }
      return leastMeV * Math.exp(Math.log1p(u * Math.expm1(power * logRatio)) / power);
    }
  }

  /// A table of particles per energy, between whose points it is a straight line.
  ///
  /// @param energiesMeV energies, MeV, rising
  /// @param density particles per MeV at them, in any unit
  record Table(double[] energiesMeV, double[] density) implements Spectrum {
    public Table {
      energiesMeV = energiesMeV.clone();
      density = density.clone();
      if (energiesMeV.length < 2 || density.length != energiesMeV.length) {
        throw new IllegalArgumentException(
            "a spectrum has two points or more, each with a density");
      }
      double sum = 0;
      for (int i = 0; i < density.length; i++) {
        double before = i == 0 ? 0 : energiesMeV[i - 1];
        if (!(energiesMeV[i] > before) || !(density[i] >= 0)) {
          throw new IllegalArgumentException(
              "energies rise from above 0 and densities are not negative: point " + i);
        }
        sum += density[i];
      }
      if (!(sum > 0) || sum == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("a spectrum has particles");
      }
    }

    @Override
    public double drawMeV(RandomGenerator random) {
      double all = 0;
      for (int i = 1; i < density.length; i++) {
        all += area(i);
      }
      double rest = random.nextDouble() * all;
      int i = 1;
      while (i < density.length - 1 && rest >= area(i)) {
        rest -= area(i++);
      }
      double width = energiesMeV[i] - energiesMeV[i - 1];
      double low = density[i - 1];
      double slope = (density[i] - low) / width;
      // Root of low x + slope x^2 / 2 = rest, in the form that stands a slope of 0.
      double root = Math.sqrt(Math.max(0, low * low + 2 * slope * rest));
      double x = low + root > 0 ? 2 * rest / (low + root) : 0;
      return energiesMeV[i - 1] + Math.min(x, width);
    }

    private double area(int i) {
      return (energiesMeV[i] - energiesMeV[i - 1]) * (density[i] + density[i - 1]) / 2;
    }
  }
}
