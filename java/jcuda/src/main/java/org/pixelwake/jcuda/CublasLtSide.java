package org.pixelwake.jcuda;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// cuBLASLt's side of a comparison: a pointwise convolution as three products, with the algorithms
/// that are the fastest on this GPU.
final class CublasLtSide implements Side {
  private final Memory workspace;
  private final List<Product> products = new ArrayList<>();

  private record Product(Gemm gemm, Memory a, Memory b, Memory d) {}

  /// @param workspaceBytes of scratch that cuBLASLt may use
  CublasLtSide(CublasLt cublas, Device device, Operands o, long workspaceBytes, Stopwatch watch) {
    ConvolutionLayer l = o.layer;
    ElementType type = o.type;
    long m = (long) l.n() * l.h() * l.w();
    workspace = device.allocate(workspaceBytes);
    GemmShape y = new GemmShape(m, l.cOut(), l.cIn(), false, true, type, type);
    GemmShape dx = new GemmShape(m, l.cIn(), l.cOut(), false, false, type, type);
    GemmShape dw = new GemmShape(l.cOut(), l.cIn(), m, true, false, type, ElementType.F32);
    try {
      products.add(new Product(cublas.gemm(y, workspaceBytes), o.x, o.filter, o.theirs.y()));
      products.add(new Product(cublas.gemm(dx, workspaceBytes), o.dy, o.filter, o.theirs.dx()));
      products.add(new Product(cublas.gemm(dw, workspaceBytes), o.dy, o.x, o.theirs.dw()));
      products.forEach(product -> tune(product, watch));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void tune(Product product, Stopwatch watch) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < product.gemm.algorithms(); i++) {
      product.gemm.use(i);
      double time = watch.milliseconds(() -> run(product));
      if (time < least) {
        least = time;
        best = i;
      }
    }
    product.gemm.use(best);
  }

  private void run(Product p) {
    p.gemm.run(address(p.a), address(p.b), address(p.d), address(workspace));
  }

  private static long address(Memory memory) {
    return memory.address().address();
  }

  @Override
  public void forward() {
    run(products.get(0));
  }

  @Override
  public void backward() {
    run(products.get(1));
    run(products.get(2));
  }

  @Override
  public void close() {
    products.forEach(product -> product.gemm.close());
    workspace.close();
  }
}
