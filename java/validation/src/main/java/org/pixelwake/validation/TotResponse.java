package org.pixelwake.validation;

/// Time over threshold of energies of a chip that was not calibrated: `a E + b - c / (E - t)`, the
/// four numbers fitted so that energies of simulated pixels become as frequent as measured ToT.
///
/// @param a ticks per keV
/// @param b ticks
/// @param c ticks keV
/// @param t keV
record TotResponse(double a, double b, double c, double t) {
  private static final int LEAST_PER_CENT = 5;
  private static final int GREATEST_PER_CENT = 95;

  /// Fits quantiles of the one to those of the other, by least squares in a, b and c for each t.
  ///
  /// @param energiesKeV energies of simulated pixels, keV
  /// @param ticks ToT of measured pixels
  static TotResponse fit(Distribution energiesKeV, Distribution ticks) {
    TotResponse best = null;
    double least = Double.POSITIVE_INFINITY;
    double lowest = energiesKeV.quantile(0.01 * LEAST_PER_CENT);
    for (int step = 0; step < 40; step++) {
      TotResponse one = fit(energiesKeV, ticks, lowest * step / 41);
      double sum = 0;
      for (int i = LEAST_PER_CENT; i <= GREATEST_PER_CENT; i++) {
        double off = one.ticks(energiesKeV.quantile(0.01 * i)) - ticks.quantile(0.01 * i);
        sum += off * off;
      }
      if (sum < least) {
        least = sum;
        best = one;
      }
    }
    if (best == null) {
      throw new IllegalStateException("no response fits");
    }
    return best;
  }

  private static TotResponse fit(Distribution energiesKeV, Distribution ticks, double t) {
    double[][] normal = new double[3][4];
    for (int i = LEAST_PER_CENT; i <= GREATEST_PER_CENT; i++) {
      double energy = energiesKeV.quantile(0.01 * i);
      double[] row = {energy, 1, -1 / (energy - t), ticks.quantile(0.01 * i)};
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 4; k++) {
          normal[j][k] += row[j] * row[k];
        }
      }
    }
    double[] solution = solve(normal);
    return new TotResponse(solution[0], solution[1], solution[2], t);
  }

  /// Gauss elimination with pivots of three equations.
  private static double[] solve(double[][] m) {
    for (int j = 0; j < 3; j++) {
      int pivot = j;
      for (int k = j + 1; k < 3; k++) {
        pivot = Math.abs(m[k][j]) > Math.abs(m[pivot][j]) ? k : pivot;
      }
      double[] swap = m[j];
      m[j] = m[pivot];
      m[pivot] = swap;
      for (int k = 0; k < 3; k++) {
        double factor = k == j ? 0 : m[k][j] / m[j][j];
        for (int l = j; l < 4; l++) {
          m[k][l] -= factor * m[j][l];
        }
      }
    }
    return new double[] {m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
  }

  /// ToT of an energy, ticks; at least 1, as that of a hit.
  double ticks(double energyKeV) {
    double above = Math.max(energyKeV - t, 1e-3);
    return Math.max(1, a * energyKeV + b - c / above);
  }
}
