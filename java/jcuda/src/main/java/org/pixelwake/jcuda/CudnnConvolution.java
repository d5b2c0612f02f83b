package org.pixelwake.jcuda;

/// A convolution of cuDNN's, for one shape. Work goes to the stream that its [Cudnn] was opened
/// with, and is not waited for.
///
/// Tensors are addresses in device memory, laid out as [ConvolutionShape] says. f32 is computed in
/// f32 throughout, not in TF32; f16 and bf16 on tensor cores with f32 sums.
public interface CudnnConvolution extends AutoCloseable {
  /// Bytes of scratch that [#run] needs, for the algorithm chosen: by cuDNN's heuristics, unless
  /// [#tune] has chosen one.
  ///
  /// @throws LibraryException when cuDNN has no algorithm for the shape
  long workspaceBytes(ConvolutionPass pass);

  /// Lets cuDNN time its algorithms on these tensors and takes the fastest from then on. What the
  /// pass writes is overwritten; waits for it.
  ///
  /// @param x the input or, for [ConvolutionPass#BACKWARD_DATA], its gradient
  /// @param w the filter or, for [ConvolutionPass#BACKWARD_FILTER], its gradient
  /// @param y the output or, for the backward passes, its gradient
  /// @param workspace scratch of so many bytes
  /// @throws LibraryException when no algorithm works with so much scratch
  void tune(ConvolutionPass pass, long x, long w, long y, long workspace, long bytes);

  /// Computes a pass: reads two of the tensors and writes the third.
  ///
  /// @param x the input or, for [ConvolutionPass#BACKWARD_DATA], its gradient
  /// @param w the filter or, for [ConvolutionPass#BACKWARD_FILTER], its gradient
  /// @param y the output or, for the backward passes, its gradient
  /// @param workspace scratch of at least [#workspaceBytes]; 0 where none is needed
  /// @throws LibraryException with cuDNN's words when it fails
  void run(ConvolutionPass pass, long x, long w, long y, long workspace);

  @Override
  void close();
}
