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

  /// Lines, as of gammas and alphas.
  ///
  /// @param energiesMeV energies, MeV
  /// @param intensities particles of each, in any unit
  record Lines(double[] energiesMeV, double[] intensities) implements Spectrum {
    public Lines {
      energiesMeV = energiesMeV.clone();
      intensities = intensities.clone();
      if (energiesMeV.length == 0 || intensities.length != energiesMeV.length) {
        throw new IllegalArgumentException("there is a line, and each has an intensity");
      }
      for (int i = 0; i < energiesMeV.length; i++) {
        if (!(energiesMeV[i] > 0) || !(intensities[i] > 0 && intensities[i] < 1e300)) {
          throw new IllegalArgumentException(
              "energies and intensities of lines are above 0: line " + i);
        }
      }
    }

    @Override
    public double drawMeV(RandomGenerator random) {
      double sum = 0;
      for (double intensity : intensities) {
        sum += intensity;
      }
      double rest = random.nextDouble() * sum;
      int i = 0;
      while (i < intensities.length - 1 && rest >= intensities[i]) {
        rest -= intensities[i++];
      }
      return energiesMeV[i];
    }
  }

  /// A table of the particles above energies, as the models of the radiation belts give them;
  /// between its points it is a power law.
  ///
  /// @param energiesMeV energies, MeV, rising
  /// @param above particles above them, falling, in any unit; those above the last are left out
  record Integral(double[] energiesMeV, double[] above) implements Spectrum {
    public Integral {
      energiesMeV = energiesMeV.clone();
      above = above.clone();
      if (energiesMeV.length < 2 || above.length != energiesMeV.length) {
        throw new IllegalArgumentException(
            "a spectrum has two points or more, each with the particles above it");
      }
      for (int i = 0; i < above.length; i++) {
        double before = i == 0 ? 0 : energiesMeV[i - 1];
        double limit = i == 0 ? Double.POSITIVE_INFINITY : above[i - 1];
        if (!(energiesMeV[i] > before) || !(above[i] > 0 && above[i] < limit)) {
          throw new IllegalArgumentException(
              "energies rise, and the particles above them fall, but not to 0: point " + i);
        }
      }
    }

    @Override
    public double drawMeV(RandomGenerator random) {
      int last = above.length - 1;
      double drawn = above[last] + random.nextDouble() * (above[0] - above[last]);
      int i = 1;
      while (i < last && above[i] > drawn) {
        i++;
      }
      double share = Math.log(drawn / above[i - 1]) / Math.log(above[i] / above[i - 1]);
      return energiesMeV[i - 1] * Math.pow(energiesMeV[i] / energiesMeV[i - 1], share);
    }
  }
}
