package org.pixelwake.jcuda;

/// cuDNN on a stream: cuDNN 9 called directly, or cuDNN 8 through JCudnn. Used by one thread at a
/// time, with the GPU current whose stream it is: opening a [org.pixelwake.engine.Device] makes its
/// GPU current.
public interface Cudnn extends AutoCloseable {
  /// Opens the cuDNN of this machine, found as [org.pixelwake.engine.library.LibrarySearch] does.
  ///
  /// @param stream a `CUstream` or `cudaStream_t` as a number; 0 is the default stream. Under cuDNN
  ///   8 only that, because JCudnn takes streams as objects: see [Interop#cudnn]
  /// @throws LibraryException naming every place looked at where there is none, or with cuDNN's
  ///   words when it cannot use the GPU
  static Cudnn open(long stream) {
    return CudnnFiles.open(stream, file -> JCudnnBinding.open(file, stream));
  }

  /// Version and file, for people.
  String version();

  /// Prepares a convolution, to be closed before this.
  ///
  /// @throws LibraryException when cuDNN refuses the shape
  CudnnConvolution convolution(ConvolutionShape shape);

  @Override
  void close();
}
