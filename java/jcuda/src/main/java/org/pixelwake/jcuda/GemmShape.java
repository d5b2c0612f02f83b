package org.pixelwake.jcuda;

/// A product of matrices D = op(A) op(B), all row-major without gaps: D is (m, n), op(A) is (m, k)
/// and op(B) is (k, n). Sums are f32.
///
/// A pointwise convolution of NHWC tensors is `y = x w^T` with m = images * rows * columns.
///
/// @param transposeA whether A is stored as (k, m)
/// @param transposeB whether B is stored as (n, k)
/// @param type of A and B
/// @param result of D
public record GemmShape(
    long m,
    long n,
    long k,
    boolean transposeA,
    boolean transposeB,
    ElementType type,
    ElementType result) {

  public GemmShape {
    if (m < 1 || n < 1 || k < 1) {
      throw new IllegalArgumentException("every side of a product is at least 1");
    }
  }

  /// A column-major matrix as cuBLASLt sees it.
  record Layout(long rows, long columns) {}

  /// B: what is row-major to us is the transposed matrix to cuBLASLt, which counts along columns,
  /// so the product is taken as D^T = op(B)^T op(A)^T, with B as the first factor.
  Layout first() {
    return transposeB ? new Layout(k, n) : new Layout(n, k);
  }

  /// A.
  Layout second() {
    return transposeA ? new Layout(m, k) : new Layout(k, m);
  }

  /// D.
  Layout product() {
    return new Layout(n, m);
  }
}
