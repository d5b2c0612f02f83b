package org.pixelwake.timepix.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Cross-sections of photons in a material, of NIST XCOM, interpolated between the logarithms of
/// energy and cross-section; those of pair production after division by their rise from the
/// threshold, `(1 - threshold / energy)^3`. Above 100 GeV they stay as there. Immutable.
///
/// Coherent scattering is left out: it deposits nothing, and turns a photon of 60 keV, the fifth of
/// all that scatter, by 30 degrees.
final class PhotonTable {
  /// Least energy of the tables, MeV.
  static final double LEAST_MEV = 1e-3;

  private static final double PAIR_MEV = 2 * Physics.ELECTRON_MASS_MEV;
  private static final double TRIPLET_MEV = 2 * PAIR_MEV;

  final Material material;

  /// Energy from which a photon can make a hole in the K shell, MeV.
  final double edgeMeV;

  /// Share of the K shell in photoelectric absorption above its edge.
  final double edgeShare;

  private final double[] logMeV;
  private final double[] incoherent;
  private final double[] photoelectric;
  private final double[] pair;
  private final double[] triplet;

  /// @throws IllegalArgumentException where there is no table of the material
  PhotonTable(Material material) {
    this.material = material;
    List<double[]> rows = rows("photons-" + material.name() + ".csv");
    double perUm = material.densityGPerCm3() / Physics.UM_PER_CM;
    int n = rows.size();
    double[] energies = rows.stream().mapToDouble(row -> row[0]).toArray();
    logMeV = Arrays.stream(energies).map(Math::log).toArray();
    incoherent = new double[n];
    photoelectric = new double[n];
    pair = new double[n];
    triplet = new double[n];
    int edge = 1;
    for (int i = 0; i < n; i++) {
      double[] row = rows.get(i);
      incoherent[i] = Math.log(row[1] * perUm);
      photoelectric[i] = Math.log(row[2] * perUm);
      pair[i] = Math.log(row[3] * perUm / rise(energies[i], PAIR_MEV));
      triplet[i] = Math.log(row[4] * perUm / rise(energies[i], TRIPLET_MEV));
      if (i > 0 && photoelectric[i] > photoelectric[i - 1]) {
        edge = i;
      }
    }
    fillBelow(pair);
    fillBelow(triplet);
    edgeMeV = energies[edge];
    edgeShare = 1 - Math.exp(photoelectric[edge - 1] - photoelectric[edge]);
  }

  private static List<double[]> rows(String file) {
    try (InputStream in = PhotonTable.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no table " + file + " of photons");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("energy"))
          .map(
              line -> Arrays.stream(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double rise(double energyMeV, double thresholdMeV) {
    double above = 1 - thresholdMeV / energyMeV;
    return above > 0 ? above * above * above : 1;
  }

  /// Lets what is left of pair production after its rise go on to the threshold.
  private static void fillBelow(double[] logs) {
    int first = 0;
    while (logs[first] == Double.NEGATIVE_INFINITY) {
      first++;
    }
    Arrays.fill(logs, 0, first, logs[first]);
  }

  private double at(double[] logs, double energyMeV) {
    double log = Math.log(energyMeV);
    int n = logMeV.length;
    if (log <= logMeV[0]) {
      return Math.exp(logs[0]);
    }
    if (log >= logMeV[n - 1]) {
      return Math.exp(logs[n - 1]);
    }
    int found = Arrays.binarySearch(logMeV, log);
    int i = found >= 0 ? Math.min(found, n - 2) : -found - 2;
    double u = (log - logMeV[i]) / (logMeV[i + 1] - logMeV[i]);
    return Math.exp(logs[i] + u * (logs[i + 1] - logs[i]));
  }

  /// Compton scattering, 1/um.
  double incoherentPerUm(double energyMeV) {
    return at(incoherent, energyMeV);
  }

  /// Photoelectric absorption, 1/um.
  double photoelectricPerUm(double energyMeV) {
    return at(photoelectric, energyMeV);
  }

  /// Production of electron and positron, 1/um.
  double pairPerUm(double energyMeV) {
    double sum = 0;
    if (energyMeV > PAIR_MEV) {
      sum = at(pair, energyMeV) * rise(energyMeV, PAIR_MEV);
    }
    if (energyMeV > TRIPLET_MEV) {
      sum += at(triplet, energyMeV) * rise(energyMeV, TRIPLET_MEV);
    }
    return sum;
  }

  /// All of them, 1/um: the reciprocal of the mean free path.
  double totalPerUm(double energyMeV) {
    return incoherentPerUm(energyMeV) + photoelectricPerUm(energyMeV) + pairPerUm(energyMeV);
  }
}
