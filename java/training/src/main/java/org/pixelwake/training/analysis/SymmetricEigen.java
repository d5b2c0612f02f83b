package org.pixelwake.training.analysis;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/// Eigenvalues and eigenvectors of a symmetric matrix, largest first.
final class SymmetricEigen {
  private final double[] values;
  private final DMatrixRMaj vectors;

  private SymmetricEigen(double[] values, DMatrixRMaj vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  /// @param matrix symmetric; not changed
  static SymmetricEigen of(DMatrixRMaj matrix) {
    int n = matrix.numRows;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(matrix.copy())) {
      throw new ArithmeticException("no eigenvectors found of a matrix of " + n + " rows");
    }
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[n];
    DMatrixRMaj vectors = new DMatrixRMaj(n, n);
    for (int c = 0; c < n; c++) {
      values[c] = eigen.getEigenvalue(order[c]).getReal();
      DMatrixRMaj vector = eigen.getEigenVector(order[c]);
      for (int k = 0; k < n; k++) {
        vectors.unsafe_set(k, c, vector.data[k]);
      }
    }
    return new SymmetricEigen(values, vectors);
  }

  /// All eigenvalues, falling.
  double[] values() {
    return values;
  }

  /// All eigenvectors, as columns.
  DMatrixRMaj vectors() {
    return vectors;
  }

  /// The first few eigenvectors, as columns.
  DMatrixRMaj vectors(int count) {
    DMatrixRMaj first = new DMatrixRMaj(vectors.numRows, count);
    for (int k = 0; k < vectors.numRows; k++) {
      for (int c = 0; c < count; c++) {
        first.unsafe_set(k, c, vectors.unsafe_get(k, c));
      }
    }
    return first;
  }
}
