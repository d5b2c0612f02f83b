package org.pixelwake.training.analysis;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/// Principal component analysis: the orthogonal directions in which points scatter most.
///
/// Up to 512 dimensions or points it is exact, by the eigenvectors of the covariance or of the
/// inner products of the points, whichever is smaller. Above that the leading directions are found
/// by subspace iteration from fixed random vectors (N. Halko, P. G. Martinsson, J. A. Tropp,
/// "Finding structure with randomness", SIAM Rev. 53 (2011) 217, algorithm 4.4). Each direction
/// points so that its largest coordinate is positive, so that the same points give the same result.
///
/// @param mean of the points
/// @param axes coordinates of each direction, of length 1
/// @param variances of the points along each direction, falling
/// @param totalVariance of the points
public record Pca(double[] mean, double[][] axes, double[] variances, double totalVariance) {
  private static final int EXACT = 512;
  private static final int EXTRA_VECTORS = 10;
  private static final int ITERATIONS = 6;

  /// Finds the directions.
  ///
  /// @param points (points, dimensions), at least two points
  /// @param components how many directions, at most dimensions and points
  public static Pca fit(float[][] points, int components) {
    int dimensions = Points.dimensions(points);
    int smaller = Math.min(points.length, dimensions);
    if (points.length < 2 || components < 1 || components > smaller) {
      throw new IllegalArgumentException(
          components + " components of " + points.length + " points of " + dimensions);
    }
    double[] mean = mean(points, dimensions);
    DMatrixRMaj centred = centred(points, mean);
    DMatrixRMaj vectors =
        smaller <= EXACT ? exact(centred, components) : leading(centred, components);
    double[][] axes = new double[components][dimensions];
    double[] variances = new double[components];
    for (int c = 0; c < components; c++) {
      for (int k = 0; k < dimensions; k++) {
        axes[c][k] = vectors.unsafe_get(k, c);
      }
      point(axes[c]);
      variances[c] = variance(centred, axes[c]);
    }
    double total = 0;
    for (double value : centred.data) {
      total += value * value;
    }
    return new Pca(mean, axes, variances, total / (points.length - 1));
  }

  private static double[] mean(float[][] points, int dimensions) {
    double[] mean = new double[dimensions];
    for (float[] point : points) {
      for (int k = 0; k < dimensions; k++) {
        mean[k] += point[k];
      }
    }
    for (int k = 0; k < dimensions; k++) {
      mean[k] /= points.length;
    }
    return mean;
  }

  private static DMatrixRMaj centred(float[][] points, double[] mean) {
    DMatrixRMaj matrix = new DMatrixRMaj(points.length, mean.length);
    int at = 0;
    for (float[] point : points) {
      for (int k = 0; k < mean.length; k++) {
        matrix.data[at++] = point[k] - mean[k];
      }
    }
    return matrix;
  }

  // Columns are the directions, of length 1.
  private static DMatrixRMaj exact(DMatrixRMaj x, int components) {
    boolean byDimensions = x.numCols <= x.numRows;
    DMatrixRMaj vectors = SymmetricEigen.ofProducts(x, byDimensions).vectors(components);
    if (byDimensions) {
      return vectors;
    }
    DMatrixRMaj directions = new DMatrixRMaj(x.numCols, components);
    CommonOps_DDRM.multTransA(x, vectors, directions);
    return orthonormal(directions);
  }

  private static DMatrixRMaj leading(DMatrixRMaj x, int components) {
    int width = Math.min(components + EXTRA_VECTORS, Math.min(x.numRows, x.numCols));
    DMatrixRMaj q = new DMatrixRMaj(x.numCols, width);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < q.data.length; i++) {
      q.data[i] = random.nextGaussian();
    }
    q = orthonormal(q);
    DMatrixRMaj product = new DMatrixRMaj(x.numRows, width);
    for (int i = 0; i < ITERATIONS; i++) {
      CommonOps_DDRM.mult(x, q, product);
      DMatrixRMaj back = new DMatrixRMaj(x.numCols, width);
      CommonOps_DDRM.multTransA(x, orthonormal(product), back);
      q = orthonormal(back);
    }
    // Rayleigh and Ritz: the directions inside the subspace.
    CommonOps_DDRM.mult(x, q, product);
    DMatrixRMaj directions = new DMatrixRMaj(x.numCols, components);
    DMatrixRMaj vectors = SymmetricEigen.ofProducts(product, true).vectors(components);
    CommonOps_DDRM.mult(q, vectors, directions);
    return directions;
  }

  private static DMatrixRMaj orthonormal(DMatrixRMaj matrix) {
    QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(matrix.numRows, matrix.numCols);
    // False where points that are the same leave less than full rank; the vectors that complete the
    // basis are as good as any then.
    qr.decompose(matrix.copy());
    return qr.getQ(null, true);
  }

  private static void point(double[] axis) {
    int largest = 0;
    for (int k = 1; k < axis.length; k++) {
      if (Math.abs(axis[k]) > Math.abs(axis[largest])) {
        largest = k;
      }
    }
    if (axis[largest] < 0) {
      for (int k = 0; k < axis.length; k++) {
        axis[k] = -axis[k];
      }
    }
  }

  private static double variance(DMatrixRMaj centred, double[] axis) {
    double sum = 0;
    int at = 0;
    for (int i = 0; i < centred.numRows; i++) {
      double along = 0;
      for (int k = 0; k < axis.length; k++) {
        along += centred.data[at++] * axis[k];
      }
      sum += along * along;
    }
    return sum / (centred.numRows - 1);
  }

  /// Share of the variance that lies along each direction; 0 where all points are the same.
  public double[] explained() {
    return Arrays.stream(variances).map(v -> totalVariance == 0 ? 0 : v / totalVariance).toArray();
  }

  /// Coordinates of points along the directions: (points, components).
  public float[][] project(float[][] points) {
    if (Points.dimensions(points) != mean.length) {
      throw new IllegalArgumentException(
          "points of " + points[0].length + " dimensions, not " + mean.length);
    }
    float[][] projected = new float[points.length][axes.length];
    for (int i = 0; i < points.length; i++) {
      for (int c = 0; c < axes.length; c++) {
        double along = 0;
        for (int k = 0; k < mean.length; k++) {
          along += (points[i][k] - mean[k]) * axes[c][k];
        }
        projected[i][c] = (float) along;
      }
    }
    return projected;
  }
}
