package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.ffi.NativeLibraries;
import org.pixelwake.engine.ffi.Symbol;

/// A loaded native library that answers `kernels.h`. Several can be loaded side by side; they are
/// never unloaded.
public final class Backend {
  /// Raised with `PW_ABI_VERSION` of `kernels.h`.
  public static final int ABI_VERSION = 6;

  static final Symbol ABI = Symbol.of("pw_abi_version", I32);
  static final Symbol BUILD_INFO = Symbol.of("pw_build_info", PTR);
  static final Symbol LAST_ERROR = Symbol.of("pw_last_error", PTR);
  static final Symbol DEVICE_COUNT = Symbol.of("pw_device_count", I32);

  private static final Map<String, Backend> LOADED = new ConcurrentHashMap<>();

  private final String name;
  private final Path library;
  private final SymbolLookup lookup;
  private final Map<String, MethodHandle> handles = new ConcurrentHashMap<>();
  private final Map<String, MethodHandle> boxed = new ConcurrentHashMap<>();
  private final MethodHandle lastError;

  private Backend(String name, Path library) {
    this.name = name;
    this.library = library;
    try {
      this.lookup = SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalCallerException e) {
      throw new IllegalStateException(
          "Java may not call native code: start it with"
              + " --enable-native-access=org.pixelwake.engine (or ALL-UNNAMED on the class path)",
          e);
    }
    this.lastError = handle(LAST_ERROR);
    int version = (int) invoke(ABI);
    if (version != ABI_VERSION) {
      throw new IllegalArgumentException(
          library
              + " speaks version "
              + version
              + " of the kernel interface, this Java speaks "
              + ABI_VERSION
              + ": rebuild both from the same sources");
    }
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

  /// Looks for every backend and says of each whether it can be used, or why not.
  public static List<Availability> available() {
    List<Availability> all = new ArrayList<>();
    for (String name : names()) {
      all.add(probe(name));
    }
    return all;
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
          name, backend, count, backend.library + " (" + backend.buildInfo() + ")");
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
    return library;
  }

  /// Compiler, targets and version of the library.
  public String buildInfo() {
    return text((MemorySegment) invoke(BUILD_INFO));
  }

  MethodHandle handle(Symbol symbol) {
    return handles.computeIfAbsent(
        symbol.name(),
        key ->
            Linker.nativeLinker()
                .downcallHandle(
                    lookup
                        .find(key)
                        .orElseThrow(() -> new IllegalArgumentException(library + " lacks " + key)),
                    symbol.descriptor()));
  }

  // The function on an array of boxed arguments; made once, because making it is slow and leaves
  // kilobytes behind.
  private MethodHandle boxed(Symbol symbol) {
    MethodHandle handle = handle(symbol);
    int count = handle.type().parameterCount();
    return handle.asType(handle.type().generic()).asSpreader(Object[].class, count);
  }

  /// Whether the library exports the function.
  boolean exports(String function) {
    return lookup.find(function).isPresent();
  }

  /// Calls a function; slow (boxing), for set-up and capture.
  public Object invoke(Symbol symbol, Object... arguments) {
    try {
      return (Object)
          boxed.computeIfAbsent(symbol.name(), name -> boxed(symbol)).invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(symbol.name(), e);
    }
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

  public String lastErrorText() {
    try {
      return text((MemorySegment) lastError.invokeExact());
    } catch (Throwable e) {
      throw new IllegalStateException("pw_last_error", e);
    }
  }

  private static String text(MemorySegment string) {
    return string.reinterpret(4096).getString(0);
  }

  @Override
  public String toString() {
    return name + " (" + library + ")";
  }
}
