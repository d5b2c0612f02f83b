package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// cuDNN called directly, by the functions that version 9 keeps of the older interface.
final class PanamaCudnn implements Cudnn {
  private static final int ERROR_BYTES = 1024;

  private final NativeLibrary library;
  final MemorySegment handle;
  private boolean closed;

  private PanamaCudnn(NativeLibrary library, long stream) {
    this.library = library;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(PTR);
      check("cudnnCreate", out);
      handle = out.get(PTR, 0);
      try {
        check("cudnnSetStream", handle, MemorySegment.ofAddress(stream));
      } catch (LibraryException e) {
        library.call("cudnnDestroy", handle);
        throw e;
      }
    }
  }

  static PanamaCudnn open(Path file, long stream) {
    return new PanamaCudnn(CudnnFiles.load(file, 9), stream);
  }

  /// Calls a function that returns a `cudnnStatus_t`; a failure repeats cuDNN's words.
  void check(String function, Object... arguments) {
    int status = library.call(function, arguments);
    if (status != 0) {
      throw new LibraryException(
          "%s: %s%s (%s)"
              .formatted(
                  function, library.callText("cudnnGetErrorString", status), detail(), library));
    }
  }

  // Version 9 can tell more.
  private String detail() {
    if (!library.has("cudnnGetLastErrorString")) {
      return "";
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(ERROR_BYTES);
      library.callVoid("cudnnGetLastErrorString", text, (long) ERROR_BYTES);
      String detail = text.getString(0).strip();
      return detail.isEmpty() ? "" : ", " + detail;
    }
  }

  @Override
  public String version() {
    // 90100 is 9.1.0, since version 9; 8907 is 8.9.7.
    long version = library.callLong("cudnnGetVersion");
    long unit = version >= 90000 ? 10000 : 1000;
    return "cuDNN %d.%d.%d (%s)"
        .formatted(version / unit, version % unit / 100, version % 100, library);
  }

  @Override
  public CudnnConvolution convolution(ConvolutionShape shape) {
    return new PanamaConvolution(this, shape);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cudnnDestroy", handle);
    }
  }
}
