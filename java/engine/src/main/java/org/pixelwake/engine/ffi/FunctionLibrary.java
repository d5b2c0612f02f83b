package org.pixelwake.engine.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A native library whose C functions are called by name. It stays loaded.
public final class FunctionLibrary {
  private static final int TEXT_BYTES = 4096;

  private final Path file;
  private final SymbolLookup lookup;
  private final Map<String, MethodHandle> handles = new ConcurrentHashMap<>();
  private final Map<String, MethodHandle> boxed = new ConcurrentHashMap<>();

  /// @throws IllegalArgumentException when the file cannot be loaded, with the loader's words
  public FunctionLibrary(Path file) {
    this.file = file;
    try {
      lookup = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalCallerException e) {
      throw new IllegalStateException(
          "Java may not call native code: start it with"
              + " --enable-native-access=org.pixelwake.engine (or ALL-UNNAMED on the class path)",
          e);
    } catch (IllegalArgumentException e) {
      // It does not say why; this one does.
      try {
        System.load(file.toAbsolutePath().toString());
      } catch (UnsatisfiedLinkError why) {
        throw new IllegalArgumentException(file + " cannot be loaded: " + why.getMessage(), why);
      }
      throw new IllegalArgumentException(file + " cannot be loaded", e);
    }
  }

  /// The file it came from.
  public Path file() {
    return file;
  }

  /// Returns whether the library has the function.
  public boolean has(String function) {
    return lookup.find(function).isPresent();
  }

  /// The function itself, for calls that must be quick.
  ///
  /// @throws IllegalArgumentException when the library has no such function
  public MethodHandle handle(Symbol function) {
    return handles.computeIfAbsent(function.name(), name -> link(function));
  }

  private MethodHandle link(Symbol function) {
    MemorySegment address =
        lookup
            .find(function.name())
            .orElseThrow(
                () -> new IllegalArgumentException(file + " has no function " + function.name()));
    return Linker.nativeLinker().downcallHandle(address, function.descriptor());
  }

  // The function on an array of boxed arguments; made once, because making it is slow and leaves
  // kilobytes behind.
  private MethodHandle boxed(Symbol function) {
    MethodHandle handle = handle(function);
    int count = handle.type().parameterCount();
    return handle.asType(handle.type().generic()).asSpreader(Object[].class, count);
  }

  /// Calls a function; slow, because arguments and result are boxed.
  ///
  /// @return what it returns; null where that is nothing
  public @Nullable Object call(Symbol function, Object... arguments) {
    try {
      return (Object)
          boxed.computeIfAbsent(function.name(), name -> boxed(function)).invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(function.name(), e);
    }
  }

  /// Calls a function that returns text.
  public String text(Symbol function, Object... arguments) {
    MemorySegment text = (MemorySegment) Objects.requireNonNull(call(function, arguments));
    return text.equals(MemorySegment.NULL) ? "" : text.reinterpret(TEXT_BYTES).getString(0);
  }

  /// Makes sure that the library was built from the same header as this Java.
  ///
  /// @throws IllegalArgumentException when it was not
  public void requireVersion(Symbol function, int expected) {
    Object version = call(function);
    if (!Objects.equals(version, expected)) {
      throw new IllegalArgumentException(
          "%s speaks version %s of its interface, this Java speaks %d: %s"
              .formatted(file, version, expected, "rebuild both from the same sources"));
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
