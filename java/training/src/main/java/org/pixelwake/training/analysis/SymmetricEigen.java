package org.pixelwake.training.analysis;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/// Eigenvalues and eigenvectors of a symmetric matrix, largest first.
///
/// @param vectors as columns
record SymmetricEigen(double[] values, DMatrixRMaj vectors) {
  /// Decomposes the products of the columns of a matrix with each other, or of its rows.
  static SymmetricEigen ofProducts(DMatrixRMaj matrix, boolean columns) {
    int n = columns ? matrix.numCols : matrix.numRows;
    DMatrixRMaj products = new DMatrixRMaj(n, n);
    if (columns) {
      CommonOps_DDRM.multInner(matrix, products);
    } else {
      CommonOps_DDRM.multOuter(matrix, products);
    }
    return of(products);
  }

  private static SymmetricEigen of(DMatrixRMaj matrix) {
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

  DMatrixRMaj vectors(int count) {
    return CommonOps_DDRM.extract(vectors, 0, vectors.numRows, 0, count);
  }
}
