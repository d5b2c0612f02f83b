package org.pixelwake.jcuda;

import java.nio.file.Path;
import java.util.function.Supplier;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/// cuDNN 8 through JCudnn.
final class JCudnnBinding implements Cudnn {
  private static final String NEEDED =
      "it needs JCuda and JCudnn 11.7.0 with their natives on the class path; missing: ";

  private final Path file;
  final cudnnHandle handle = new cudnnHandle();
  private boolean closed;

  private JCudnnBinding(Path file, cudaStream_t stream) {
    this.file = file;
    check("cudnnCreate", JCudnn.cudnnCreate(handle));
    try {
      check("cudnnSetStream", JCudnn.cudnnSetStream(handle, stream));
    } catch (LibraryException e) {
      JCudnn.cudnnDestroy(handle);
      throw e;
    }
  }

  /// @param stream only the default one, 0, because JCudnn takes streams as objects
  static Cudnn open(Path file, long stream) {
    if (stream != 0) {
      throw new LibraryException(
          file + " is reached through JCudnn, which takes streams as objects: use Interop.cudnn");
    }
    return open(file, () -> new cudaStream_t());
  }

  static Cudnn open(Path file, Supplier<cudaStream_t> stream) {
    // JCudnn's own library asks the loader for libcudnn.so.8 by name: where that is in none of the
    // loader's folders, it finds the one that is loaded already.
    CudnnFiles.load(file, 8);
    try {
      JCudnn.setExceptionsEnabled(false);
      return new JCudnnBinding(file, stream.get());
    } catch (UnsatisfiedLinkError e) {
      throw new LibraryException("JCudnn cannot load its natives: " + e.getMessage(), e);
    } catch (NoClassDefFoundError e) {
      // Also where its natives could not be loaded at an earlier attempt.
      throw new LibraryException(file + " is of version 8: " + NEEDED + e.getMessage(), e);
    }
  }

  /// @throws LibraryException with the function's name and cuDNN's words when it failed
  void check(String function, int status) {
    if (status != 0) {
      throw new LibraryException(
          "%s: %s (%s)".formatted(function, JCudnn.cudnnGetErrorString(status), file));
    }
  }

  @Override
  public String version() {
    long version = JCudnn.cudnnGetVersion();
    return "cuDNN %d.%d.%d (%s)"
        .formatted(version / 1000, version % 1000 / 100, version % 100, file);
  }

  @Override
  public CudnnConvolution convolution(ConvolutionShape shape) {
    return new JCudnnConvolution(this, shape);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cudnnDestroy", JCudnn.cudnnDestroy(handle));
    }
  }
}
