package org.pixelwake.training.analysis;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/// Ridge regression on the ranks of features ([FeatureRanks]), for many quantities at once: A. E.
/// Hoerl, R. W. Kennard, Technometrics 12 (1970) 55. How strong the ridge is follows from the
/// points that are learned from alone, by generalised cross-validation (G. H. Golub, M. Heath, G.
/// Wahba, Technometrics 21 (1979) 215).
///
/// One decomposition serves all quantities and strengths: of the products of features, or of points
/// where there are fewer points than features.
final class Ridge {
  /// Strengths tried, as shares of the mean eigenvalue: 10^-6 to 10^4 by half decades.
  private static final int STRENGTHS = 21;

  /// Share of the degrees of freedom that a line leaves at least: of lines through nearly all
  /// points generalised cross-validation tells nothing, both what it divides and what it divides by
  /// being nearly nothing.
  private static final double LEAST_LEFT = 0.3;

  private final FeatureRanks ranks;
  private final DMatrixRMaj features;
  private final boolean byFeatures;
  private final SymmetricEigen eigen;

  /// @param rows points to learn from, at least 3
  Ridge(float[][] points, int[] rows) {
    ranks = FeatureRanks.among(points, rows);
    features = features(points, rows);
    byFeatures = points[0].length <= rows.length;
    eigen = SymmetricEigen.ofProducts(features, byFeatures);
  }

  private DMatrixRMaj features(float[][] points, int[] rows) {
    DMatrixRMaj matrix = new DMatrixRMaj(rows.length, points[0].length);
    int at = 0;
    for (int row : rows) {
      for (float rank : ranks.of(points[row])) {
        matrix.data[at++] = rank;
      }
    }
    return matrix;
  }

  /// A fitted line.
  ///
  /// @param coefficients of the ranks
  /// @param strength of the ridge, as a share of the mean eigenvalue
  record Line(double intercept, double[] coefficients, double strength) {}

  /// Fits a quantity.
  ///
  /// @param targets of the points that are learned from, in their order
  Line fit(double[] targets) {
    int n = targets.length;
    double intercept = 0;
    for (double target : targets) {
      intercept += target / n;
    }
    DMatrixRMaj y = new DMatrixRMaj(n, 1);
    double square = 0;
    for (int i = 0; i < n; i++) {
      y.data[i] = targets[i] - intercept;
      square += y.data[i] * y.data[i];
    }
    double[] along = along(y);
    double[] values = eigen.values();
    double meanValue = 0;
    for (double value : values) {
      meanValue += Math.max(0, value) / values.length;
    }
    double best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int s = 0; s < STRENGTHS && meanValue > 0; s++) {
      double strength = Math.pow(10, -6 + 0.5 * s);
      double score = generalisedError(along, square, strength * meanValue, n);
      if (score < least) {
        least = score;
        best = strength;
      }
    }
    double ridge = meanValue > 0 ? best * meanValue : 1;
    return new Line(intercept, coefficients(along, ridge), best);
  }

  // The quantity along each eigenvector: of products with the features, or of itself.
  private double[] along(DMatrixRMaj y) {
    DMatrixRMaj right = y;
    if (byFeatures) {
      right = new DMatrixRMaj(features.numCols, 1);
      CommonOps_DDRM.multTransA(features, y, right);
    }
    DMatrixRMaj along = new DMatrixRMaj(eigen.values().length, 1);
    CommonOps_DDRM.multTransA(eigen.vectors(), right, along);
    return along.data;
  }

  // Mean squared residual over the square of the share of degrees of freedom that are left.
  private double generalisedError(double[] along, double square, double ridge, int n) {
    double residual = byFeatures ? square : 0;
    double left = byFeatures ? n - eigen.values().length : 0;
    for (int k = 0; k < along.length; k++) {
      double value = Math.max(0, eigen.values()[k]);
      double shrunk = ridge / (value + ridge);
      left += shrunk;
      if (byFeatures) {
        double q = along[k] / (value + ridge);
        residual += q * q * value - 2 * q * along[k];
      } else {
        residual += shrunk * shrunk * along[k] * along[k];
      }
    }
    // The mean takes one.
    left = (left - 1) / n;
    return left < LEAST_LEFT ? Double.POSITIVE_INFINITY : Math.max(0, residual) / n / (left * left);
  }

  private double[] coefficients(double[] along, double ridge) {
    DMatrixRMaj shrunk = new DMatrixRMaj(along.length, 1);
    for (int k = 0; k < along.length; k++) {
      shrunk.data[k] = along[k] / (Math.max(0, eigen.values()[k]) + ridge);
    }
    DMatrixRMaj turned = new DMatrixRMaj(along.length, 1);
    CommonOps_DDRM.mult(eigen.vectors(), shrunk, turned);
    if (byFeatures) {
      return turned.data;
    }
    DMatrixRMaj coefficients = new DMatrixRMaj(features.numCols, 1);
    CommonOps_DDRM.multTransA(features, turned, coefficients);
    return coefficients.data;
  }

  float[] ranks(float[] point) {
    return ranks.of(point);
  }

  /// What a line says of a point.
  ///
  /// @param ranked its ranks
  static double predict(Line line, float[] ranked) {
    double sum = line.intercept();
    for (int k = 0; k < ranked.length; k++) {
      sum += ranked[k] * line.coefficients()[k];
    }
    return sum;
  }
}
