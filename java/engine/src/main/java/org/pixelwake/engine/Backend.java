package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.ffi.FunctionLibrary;
import org.pixelwake.engine.ffi.NativeLibraries;
import org.pixelwake.engine.ffi.Symbol;

/// A loaded native library that answers `kernels.h`. Several can be loaded side by side; they are
/// never unloaded.
public final class Backend {
  /// Raised with `PW_ABI_VERSION` of `kernels.h`.
  public static final int ABI_VERSION = 9;

  static final Symbol ABI = Symbol.of("pw_abi_version", I32);
  static final Symbol BUILD_INFO = Symbol.of("pw_build_info", PTR);
  static final Symbol LAST_ERROR = Symbol.of("pw_last_error", PTR);
  static final Symbol DEVICE_COUNT = Symbol.of("pw_device_count", I32);

  private static final Map<String, Backend> LOADED = new ConcurrentHashMap<>();

  private final String name;
  private final FunctionLibrary functions;

  private Backend(String name, Path library) {
    this.name = name;
    this.functions = new FunctionLibrary(library);
    functions.requireVersion(ABI, ABI_VERSION);
  }

  /// What is known of one backend, for `pixelwake doctor`.
  ///
  /// @param name `cpu` or `cuda`
  /// @param backend the loaded library, or null
  /// @param devices number of usable devices
  /// @param detail library and build where it is usable, else why it is not
  public record Availability(String name, @Nullable Backend backend, int devices, String detail) {
    /// Whether a device can be opened.
    public boolean usable() {
      return backend != null && devices > 0;
    }
  }

  /// The names of all backends, the preferred first.
  public static List<String> names() {
    return List.of("cuda", "cpu");
  }

  /// Looks for one backend.
  public static Availability probe(String name) {
    try {
      Backend backend = load(name);
      int count = (int) backend.invoke(DEVICE_COUNT);
      if (count <= 0) {
        String why = backend.lastErrorText();
        return new Availability(name, backend, 0, why.isEmpty() ? "no device" : why);
      }
      return new Availability(
          name, backend, count, backend.library() + " (" + backend.buildInfo() + ")");
    } catch (UnsatisfiedLinkError | IllegalArgumentException e) {
      return new Availability(name, null, 0, String.valueOf(e.getMessage()));
    }
  }

  /// Loads `libpixelwake_<name>.so`, searched as [NativeLibraries] documents.
  ///
  /// @throws UnsatisfiedLinkError naming the places tried
  /// @throws IllegalArgumentException when the library is of another interface version or cannot be
  ///   linked
  public static Backend load(String name) {
    return LOADED.computeIfAbsent(name, key -> new Backend(key, NativeLibraries.find(key)));
  }

  /// `cpu` or `cuda`.
  public String name() {
    return name;
  }

  /// The file it came from.
  public Path library() {
    return functions.file();
  }

  /// Compiler, targets and version of the library.
  public String buildInfo() {
    return functions.text(BUILD_INFO);
  }

  MethodHandle handle(Symbol symbol) {
    return functions.handle(symbol);
  }

  /// Whether the library exports the function.
  boolean exports(String function) {
    return functions.has(function);
  }

  /// Calls a function; slow (boxing), for set-up and capture.
  public Object invoke(Symbol symbol, Object... arguments) {
    return Objects.requireNonNull(functions.call(symbol, arguments));
  }

  /// Calls a function that returns a status.
  ///
  /// @throws NativeException with the library's own words when it fails
  public void check(Symbol symbol, Object... arguments) {
    int status = (int) invoke(symbol, arguments);
    if (status != 0) {
      throw new NativeException(symbol.name(), status, lastErrorText());
    }
  }

  /// Calls a function that returns a status and puts what it makes into its last argument.
  ///
  /// @throws NativeException as [#check]
  MemorySegment make(Symbol symbol, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
      MemorySegment out = arena.allocate(PTR);
      all[arguments.length] = out;
      check(symbol, all);
      return out.get(PTR, 0);
    }
  }

  /// Returns the library's message for the failure of this thread's last call.
  public String lastErrorText() {
    return functions.text(LAST_ERROR);
  }

  @Override
  public String toString() {
    return name + " (" + functions + ")";
  }
}
