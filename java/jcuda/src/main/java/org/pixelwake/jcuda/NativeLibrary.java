package org.pixelwake.jcuda;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// A library of C functions, called by name. It stays loaded.
final class NativeLibrary {
  static final AddressLayout PTR = ValueLayout.ADDRESS;
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

  private static final int TEXT_BYTES = 4096;

  private final Path file;
  private final SymbolLookup lookup;
  private final Map<String, MethodHandle> handles = new ConcurrentHashMap<>();

  /// @throws LibraryException when the file cannot be loaded, with the loader's words
  NativeLibrary(Path file) {
    this.file = file;
    this.lookup = load(file);
  }

  /// Loads a library wherever it is.
  ///
  /// @throws LibraryException naming every place looked at where there is none
  static NativeLibrary find(Library library) {
    LibrarySearch.Result found = new LibrarySearch().find(library);
    if (found.file() == null) {
      throw new LibraryException(found.explanation());
    }
    return new NativeLibrary(found.file());
  }

  private static SymbolLookup load(Path file) {
    try {
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      // It does not say why; this one does.
      try {
        System.load(file.toAbsolutePath().toString());
      } catch (UnsatisfiedLinkError why) {
        throw new LibraryException(file + " cannot be loaded: " + why.getMessage(), why);
      }
      throw new LibraryException(file + " cannot be loaded", e);
    } catch (IllegalCallerException e) {
      throw new LibraryException(
          "Java may not call native code: start it with --enable-native-access=ALL-UNNAMED", e);
    }
  }

  /// Loads a library for others to find by its name.
  static void preload(Path file) {
    load(file);
  }

  /// Whether it has the function.
  boolean has(String function) {
    return lookup.find(function).isPresent();
  }

  /// @throws LibraryException when it has no such function
  MemorySegment require(String function) {
    return lookup
        .find(function)
        .orElseThrow(() -> new LibraryException(file + " has no function " + function));
  }

  /// Calls a function that returns an `int`.
  ///
  /// @param arguments `Integer`, `Long` or [MemorySegment], which are also its types in C
  /// @throws LibraryException when the library has no such function
  int call(String function, Object... arguments) {
    return (int) Objects.requireNonNull(invoke(I32, function, arguments));
  }

  /// Calls a function that returns a `size_t`.
  long callLong(String function, Object... arguments) {
    return (long) Objects.requireNonNull(invoke(I64, function, arguments));
  }

  /// Calls a function that returns nothing.
  void callVoid(String function, Object... arguments) {
    Object nothing = invoke(null, function, arguments);
    if (nothing != null) {
      throw new IllegalStateException(function + " returned " + nothing);
    }
  }

  /// Calls a function that returns text.
  String callText(String function, Object... arguments) {
    MemorySegment text = (MemorySegment) Objects.requireNonNull(invoke(PTR, function, arguments));
    return text.equals(MemorySegment.NULL) ? "" : text.reinterpret(TEXT_BYTES).getString(0);
  }

  private @Nullable Object invoke(
      @Nullable MemoryLayout result, String function, Object... arguments) {
    MethodHandle handle = handles.computeIfAbsent(function, name -> link(result, name, arguments));
    try {
      return (Object) handle.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }

  // On an array of boxed arguments.
  private MethodHandle link(@Nullable MemoryLayout result, String function, Object... arguments) {
    MemorySegment address = require(function);
    MemoryLayout[] types =
        Arrays.stream(arguments).map(NativeLibrary::type).toArray(MemoryLayout[]::new);
    FunctionDescriptor descriptor =
        result == null ? FunctionDescriptor.ofVoid(types) : FunctionDescriptor.of(result, types);
    MethodHandle handle = Linker.nativeLinker().downcallHandle(address, descriptor);
    return handle.asType(handle.type().generic()).asSpreader(Object[].class, types.length);
  }

  private static MemoryLayout type(Object argument) {
    return switch (argument) {
      case Integer i -> I32;
      case Long l -> I64;
      case MemorySegment s -> PTR;
      default -> throw new IllegalArgumentException(argument.getClass().getName());
    };
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
