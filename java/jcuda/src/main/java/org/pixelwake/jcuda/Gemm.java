package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/// A product of cuBLASLt's, for one shape. Work goes to the stream that its [CublasLt] was opened
/// with, and is not waited for.
///
/// f32 is computed in f32 throughout, not in TF32.
public final class Gemm implements AutoCloseable {
  /// `cublasLtMatmulHeuristicResult_t`; the algorithm is its first field.
  static final StructLayout CANDIDATE =
      MemoryLayout.structLayout(
          MemoryLayout.sequenceLayout(8, I64).withName("algo"),
          I64.withName("workspaceSize"),
          I32.withName("state"),
          ValueLayout.JAVA_FLOAT.withName("wavesCount"),
          MemoryLayout.sequenceLayout(4, I32).withName("reserved"));

  private static final long WORKSPACE_OFFSET = 64;
  private static final long STATE_OFFSET = 72;
  private static final int COMPUTE_32F = 68;
  private static final int TRANSPOSE_FIRST = 3;
  private static final int TRANSPOSE_SECOND = 4;
  private static final int TRANSPOSED = 1;
  private static final int MAX_WORKSPACE_BYTES = 1;
  private static final int CANDIDATES = 8;
  // What cuBLASLt assumes of every matrix where it is told nothing else.
  private static final long ALIGNMENT = 256;

  private final CublasLt cublas;
  private final GemmShape shape;
  private final Descriptors descriptors;
  private final MemorySegment operation;
  private final MemorySegment first;
  private final MemorySegment second;
  private final MemorySegment product;
  private final MemorySegment candidates;
  private final int count;
  private int chosen;

  Gemm(CublasLt cublas, GemmShape shape, long workspaceBytes) {
    this.cublas = cublas;
    this.shape = shape;
    this.descriptors = new Descriptors(cublas::check);
    this.candidates = descriptors.arena.allocate(CANDIDATE, CANDIDATES);
    try {
      operation = descriptors.make("cublasLtMatmulDescCreate", COMPUTE_32F, ElementType.F32.cuda);
      if (shape.transposeB()) {
        attribute("cublasLtMatmulDescSetAttribute", operation, TRANSPOSE_FIRST, TRANSPOSED);
      }
      if (shape.transposeA()) {
        attribute("cublasLtMatmulDescSetAttribute", operation, TRANSPOSE_SECOND, TRANSPOSED);
      }
      first = layout(shape.type(), shape.first());
      second = layout(shape.type(), shape.second());
      product = layout(shape.result(), shape.product());
      count = propose(workspaceBytes);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private MemorySegment layout(ElementType type, GemmShape.Layout layout) {
    return descriptors.make(
        "cublasLtMatrixLayoutCreate", type.cuda, layout.rows(), layout.columns(), layout.rows());
  }

  private void attribute(String function, MemorySegment of, int attribute, int value) {
    set(function, of, attribute, descriptors.arena.allocateFrom(I32, value));
  }

  private void set(String function, MemorySegment of, int attribute, MemorySegment value) {
    cublas.check(function, of, attribute, value, value.byteSize());
  }

  private int propose(long workspaceBytes) {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment preference = descriptors.make("cublasLtMatmulPreferenceCreate");
      MemorySegment limit = scratch.allocateFrom(I64, workspaceBytes);
      set("cublasLtMatmulPreferenceSetAttribute", preference, MAX_WORKSPACE_BYTES, limit);
      MemorySegment found = scratch.allocate(I32);
      MemorySegment h = cublas.handle;
      var d = product;
      String name = "cublasLtMatmulAlgoGetHeuristic";
      cublas.check(
          name, h, operation, first, second, d, d, preference, CANDIDATES, candidates, found);
      int working = 0;
      while (working < found.get(I32, 0)
          && candidates.get(I32, working * CANDIDATE.byteSize() + STATE_OFFSET) == 0) {
        working++;
      }
      if (working == 0) {
        throw new LibraryException(
            "cuBLASLt has no algorithm for %s with %d bytes of scratch"
                .formatted(shape, workspaceBytes));
      }
      return working;
    }
  }

  /// Ways to compute it that cuBLASLt proposes, at least 1; the one it expects to be the fastest is
  /// number 0, and is taken unless [#use] takes another.
  public int algorithms() {
    return count;
  }

  /// Takes one of the proposed ways, from 0 on.
  public void use(int algorithm) {
    chosen = java.util.Objects.checkIndex(algorithm, count);
  }

  /// Bytes of scratch that the chosen way needs.
  public long workspaceBytes() {
    return candidates.get(I64, chosen * CANDIDATE.byteSize() + WORKSPACE_OFFSET);
  }

  /// Computes D.
  ///
  /// @param a address of A in device memory, a multiple of 256 as the others are
  /// @param b address of B
  /// @param d address of D, which overlaps neither
  /// @param workspace scratch of at least [#workspaceBytes]; 0 where none is needed
  /// @throws IllegalArgumentException when an address is no multiple of 256
  /// @throws LibraryException with cuBLASLt's words when it fails
  public void run(long a, long b, long d, long workspace) {
    if ((a | b | d | workspace) % ALIGNMENT != 0) {
      throw new IllegalArgumentException("cuBLASLt is given matrices at multiples of " + ALIGNMENT);
    }
    MemorySegment to = MemorySegment.ofAddress(d);
    cublas.check(
        "cublasLtMatmul",
        cublas.handle,
        operation,
        descriptors.one,
        MemorySegment.ofAddress(b),
        first,
        MemorySegment.ofAddress(a),
        second,
        descriptors.zero,
        to,
        product,
        to,
        product,
        candidates.asSlice(chosen * CANDIDATE.byteSize(), CANDIDATE),
        MemorySegment.ofAddress(workspace),
        workspaceBytes(),
        cublas.stream);
  }

  @Override
  public void close() {
    descriptors.close();
  }
}
