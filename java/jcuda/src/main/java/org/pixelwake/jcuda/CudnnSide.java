package org.pixelwake.jcuda;

import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// cuDNN's side of a comparison, with the algorithms that are the fastest on this GPU.
final class CudnnSide implements Side {
  private final CudnnConvolution convolution;
  private final Memory workspace;
  private final Operands operands;

  /// @param workspaceBytes of scratch that cuDNN may use
  CudnnSide(Cudnn cudnn, Device device, Operands operands, long workspaceBytes) {
    this.operands = operands;
    workspace = device.allocate(workspaceBytes);
    try {
      convolution = cudnn.convolution(operands.layer.shape(operands.type));
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
    try {
      long scratch = address(workspace);
      for (ConvolutionPass pass : ConvolutionPass.values()) {
        convolution.tune(pass, x(pass), w(pass), y(pass), scratch, workspaceBytes);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static long address(Memory memory) {
    return memory.address().address();
  }

  private long x(ConvolutionPass pass) {
    return address(pass == ConvolutionPass.BACKWARD_DATA ? operands.theirs.dx() : operands.x);
  }

  private long w(ConvolutionPass pass) {
    return address(
        pass == ConvolutionPass.BACKWARD_FILTER ? operands.theirs.dw() : operands.filter);
  }

  private long y(ConvolutionPass pass) {
    return address(pass == ConvolutionPass.FORWARD ? operands.theirs.y() : operands.dy);
  }

  private void run(ConvolutionPass pass) {
    convolution.run(pass, x(pass), w(pass), y(pass), address(workspace));
  }

  @Override
  public void forward() {
    run(ConvolutionPass.FORWARD);
  }

  @Override
  public void backward() {
    run(ConvolutionPass.BACKWARD_DATA);
    run(ConvolutionPass.BACKWARD_FILTER);
  }

  @Override
  public void close() {
    convolution.close();
    workspace.close();
  }
}
