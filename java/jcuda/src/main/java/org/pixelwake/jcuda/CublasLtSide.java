package org.pixelwake.jcuda;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// cuBLASLt's side of a comparison: a pointwise convolution as three products, with the algorithms
/// that are the fastest on this GPU.
final class CublasLtSide implements Side {
  private final Operands operands;
  private final Memory workspace;
  private final List<Gemm> gemms = new ArrayList<>();

  /// @param workspaceBytes of scratch that cuBLASLt may use
  CublasLtSide(
      CublasLt cublas, Device device, Operands operands, long workspaceBytes, Stopwatch watch) {
    this.operands = operands;
    ConvolutionLayer l = operands.layer;
    ElementType type = operands.type;
    long m = (long) l.n() * l.h() * l.w();
    workspace = device.allocate(workspaceBytes);
    try {
      for (GemmShape shape :
          List.of(
              new GemmShape(m, l.cOut(), l.cIn(), false, true, type, type),
              new GemmShape(m, l.cIn(), l.cOut(), false, false, type, type),
              new GemmShape(l.cOut(), l.cIn(), m, true, false, type, ElementType.F32))) {
        gemms.add(cublas.gemm(shape, workspaceBytes));
        tune(gemms.size() - 1, watch);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void tune(int index, Stopwatch watch) {
    Gemm gemm = gemms.get(index);
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < gemm.algorithms(); i++) {
      gemm.use(i);
      double time = watch.milliseconds(() -> run(index));
      if (time < least) {
        least = time;
        best = i;
      }
    }
    gemm.use(best);
  }

  private void run(int index) {
    Operands o = operands;
    switch (index) {
      case 0 -> run(index, o.x, o.filter, o.theirs.y());
      case 1 -> run(index, o.dy, o.filter, o.theirs.dx());
      default -> run(index, o.dy, o.x, o.theirs.dw());
    }
  }

  private void run(int index, Memory a, Memory b, Memory d) {
    gemms.get(index).run(address(a), address(b), address(d), address(workspace));
  }

  private static long address(Memory memory) {
    return memory.address().address();
  }

  @Override
  public void forward() {
    run(0);
  }

  @Override
  public void backward() {
    run(1);
    run(2);
  }

  @Override
  public void close() {
    gemms.forEach(Gemm::close);
    workspace.close();
  }
}
