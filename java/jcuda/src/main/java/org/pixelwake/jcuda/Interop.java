package org.pixelwake.jcuda;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaStream_t;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// Hands JCuda's device pointers and streams to Pixelwake, without a copy: Pixelwake's kernels read
/// and write the memory where it is, in order with what the program itself gives to the stream.
///
/// ```java
/// try (Device device = Interop.device(0, stream);
///     Memory x = Interop.memory(device, pointer, bytes)) {
///   Program.compile(device, graph, store, false, Map.of(input, x)).submit();
/// }
/// ```
///
/// Memory and streams have to be of the GPU's primary context. `JCuda` (the runtime interface) uses
/// no other; a program of `JCudaDriver` calls `cuDevicePrimaryCtxRetain` and `cuCtxSetCurrent`
/// before it allocates, instead of `cuCtxCreate`.
public final class Interop {
  // JCuda keeps the address to itself and to subclasses: its copying constructors and getters are
  // protected, so a subclass reads it without reflection, which a later Java or a module path might
  // forbid, and without parsing toString().
  private static final class Address extends Pointer {
    Address(Pointer pointer) {
      super(pointer);
    }

    Address(long address) {
      super(address);
    }

    long value() {
      long base = getNativePointer();
      return base == 0 ? 0 : base + getByteOffset();
    }
  }

  private static final class Handle extends NativePointerObject {
    Handle(NativePointerObject object) {
      super(object);
    }

    long value() {
      return getNativePointer();
    }
  }

  private Interop() {}

  /// The address that a pointer of JCuda's, such as a `CUdeviceptr`, holds; with its offset.
  ///
  /// @throws IllegalArgumentException when it points to Java memory, or nowhere
  public static long address(Pointer pointer) {
    long address = new Address(pointer).value();
    if (address == 0) {
      throw new IllegalArgumentException(
          pointer + " holds no address: allocate with cudaMalloc or cuMemAlloc first");
    }
    return address;
  }

  /// The `CUstream` that a stream of JCuda's holds; 0 for the default stream.
  public static long handle(CUstream stream) {
    return new Handle(stream).value();
  }

  /// Likewise.
  public static long handle(cudaStream_t stream) {
    return new Handle(stream).value();
  }

  /// Opens a GPU whose work goes to a stream of JCuda's. See [Device#onStream].
  ///
  /// @param index of the GPU
  public static Device device(int index, cudaStream_t stream) {
    return Device.onStream(Backend.load("cuda"), index, handle(stream));
  }

  /// Likewise.
  public static Device device(int index, CUstream stream) {
    return Device.onStream(Backend.load("cuda"), index, handle(stream));
  }

  /// Memory that JCuda allocated, for Pixelwake to use in place. See [Device#wrap].
  ///
  /// @param pointer a `CUdeviceptr`, or what `cudaMalloc` filled in; at a multiple of 64, which
  ///   every allocation is
  /// @param bytes that Pixelwake may use from there on
  public static Memory memory(Device device, Pointer pointer, long bytes) {
    return device.wrap(address(pointer), bytes);
  }

  /// Opens cuDNN, of whichever version, on a stream of JCuda's. See [Cudnn#open].
  public static Cudnn cudnn(cudaStream_t stream) {
    return CudnnFiles.open(handle(stream), file -> JCudnnBinding.open(file, () -> stream));
  }

  /// A pointer of JCuda's to device memory of Pixelwake's, or of anybody's.
  public static Pointer pointer(long address) {
    return new Address(address);
  }
}
