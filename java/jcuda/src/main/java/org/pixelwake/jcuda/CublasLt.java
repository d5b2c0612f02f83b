package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// cuBLASLt on a stream, called directly: it needs neither JCuda nor a toolkit, only
/// `libcublasLt.so`. Used by one thread at a time, with the GPU current whose stream it is: opening
/// a [org.pixelwake.engine.Device] makes its GPU current.
public final class CublasLt implements AutoCloseable {
  private final NativeLibrary library;
  final MemorySegment handle;
  final MemorySegment stream;
  private boolean closed;

  private CublasLt(NativeLibrary library, long stream) {
    this.library = library;
    this.stream = MemorySegment.ofAddress(stream);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(PTR);
      check("cublasLtCreate", out);
      handle = out.get(PTR, 0);
    }
  }

  /// Opens the cuBLASLt of this machine, found as [org.pixelwake.engine.library.LibrarySearch]
  /// does.
  ///
  /// @param stream a `CUstream` or `cudaStream_t` as a number; 0 is the default stream
  /// @throws LibraryException naming every place looked at where there is none, or with cuBLASLt's
  ///   words when it cannot use the GPU
  public static CublasLt open(long stream) {
    return new CublasLt(NativeLibrary.find(Library.CUBLASLT), stream);
  }

  /// Calls a function that returns a `cublasStatus_t`; a failure repeats cuBLASLt's words.
  void check(String function, Object... arguments) {
    int status = library.call(function, arguments);
    if (status != 0) {
      throw new LibraryException("%s: %s (%s)".formatted(function, text(status), library));
    }
  }

  private String text(int status) {
    return "%s, %s"
        .formatted(
            library.callText("cublasLtGetStatusName", status),
            library.callText("cublasLtGetStatusString", status));
  }

  /// Version and file, for people.
  public String version() {
    // 130100 is 13.1.0, since version 13; 110800 is 11.8.0 too.
    long version = library.callLong("cublasLtGetVersion");
    return "cuBLASLt %d.%d.%d (%s)"
        .formatted(version / 10000, version % 10000 / 100, version % 100, library);
  }

  /// Prepares a product, to be closed before this.
  ///
  /// @param workspaceBytes most bytes of scratch that it may need
  /// @throws LibraryException when cuBLASLt has no algorithm for the shape
  public Gemm gemm(GemmShape shape, long workspaceBytes) {
    return new Gemm(this, shape, workspaceBytes);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cublasLtDestroy", handle);
    }
  }
}
