package org.pixelwake.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// libtorch's automatic mixed precision on the CPU, `torch.autocast("cpu", dtype=torch.bfloat16)`.
/// The Java binding leaves these functions of C++ out; the library exports them.
final class Autocast {
  private final MethodHandle enable;
  private final MethodHandle clear;

  private Autocast(MethodHandle enable, MethodHandle clear) {
    this.enable = enable;
    this.clear = clear;
  }

  /// Chooses bf16. Call [#begin()] to switch it on.
  static Autocast bf16() throws IOException {
    File library = Libtorch.library();
    SymbolLookup symbols = SymbolLookup.libraryLookup(library.toPath(), Arena.global());
    MethodHandle type =
        function(
            symbols,
            "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE",
            ValueLayout.JAVA_BYTE,
            ValueLayout.JAVA_BYTE);
    call(type, DeviceType.CPU.value, ScalarType.BFloat16.value);
    return new Autocast(
        function(
            symbols,
            "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb",
            ValueLayout.JAVA_BYTE,
            ValueLayout.JAVA_BOOLEAN),
        function(symbols, "_ZN2at8autocast11clear_cacheEv"));
  }

  /// From now on, convolutions of this thread are computed in bf16.
  void begin() {
    call(enable, DeviceType.CPU.value, true);
  }

  /// Ends it and forgets the bf16 copies of the weights, which the optimizer is about to change.
  void end() {
    call(clear);
    call(enable, DeviceType.CPU.value, false);
  }

  private static MethodHandle function(
      SymbolLookup symbols, String name, ValueLayout... arguments) {
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(() -> new IllegalStateException("libtorch has no symbol " + name));
    return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.ofVoid(arguments));
  }

  private static void call(MethodHandle function, Object... arguments) {
    try {
      function.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
