package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.ffi.FunctionLibrary;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// A library of C functions, called by name. It stays loaded.
final class NativeLibrary {
  private final FunctionLibrary library;
  private final Map<String, Symbol> symbols = new ConcurrentHashMap<>();

  /// @throws LibraryException when the file cannot be loaded, with the loader's words
  NativeLibrary(Path file) {
    try {
      library = new FunctionLibrary(file);
    } catch (IllegalArgumentException e) {
      throw new LibraryException(String.valueOf(e.getMessage()), e);
    }
  }

  /// Loads a library wherever it is; a failure names every place looked at.
  static NativeLibrary find(Library library) {
    LibrarySearch.Result found = new LibrarySearch().find(library);
    if (found.file() == null) {
      throw new LibraryException(found.explanation());
    }
    return new NativeLibrary(found.file());
  }

  /// Returns whether the library has the function.
  boolean has(String function) {
    return library.has(function);
  }

  /// @throws LibraryException when it has no such function
  void require(String function) {
    if (!has(function)) {
      throw new LibraryException(library + " has no function " + function);
    }
  }

  /// Calls a function that returns an `int`.
  ///
  /// @param arguments `Integer`, `Long` or [MemorySegment], which are also its types in C
  /// @throws LibraryException when the library has no such function
  int call(String function, Object... arguments) {
    return (int) Objects.requireNonNull(library.call(symbol(I32, function, arguments), arguments));
  }

  /// Calls a function that returns a `size_t`.
  long callLong(String function, Object... arguments) {
    return (long) Objects.requireNonNull(library.call(symbol(I64, function, arguments), arguments));
  }

  /// Calls a function that returns nothing.
  void callVoid(String function, Object... arguments) {
    Object nothing = library.call(symbol(null, function, arguments), arguments);
    if (nothing != null) {
      throw new IllegalStateException(function + " returned " + nothing);
    }
  }

  /// Calls a function that returns text.
  String callText(String function, Object... arguments) {
    return library.text(symbol(PTR, function, arguments), arguments);
  }

  private Symbol symbol(@Nullable MemoryLayout result, String function, Object... arguments) {
    return symbols.computeIfAbsent(
        function,
        name -> {
          require(name);
          MemoryLayout[] types =
              Arrays.stream(arguments).map(NativeLibrary::type).toArray(MemoryLayout[]::new);
          return new Symbol(
              name,
              result == null
                  ? FunctionDescriptor.ofVoid(types)
                  : FunctionDescriptor.of(result, types));
        });
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
    return library.toString();
  }
}
