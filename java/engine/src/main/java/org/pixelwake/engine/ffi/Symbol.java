package org.pixelwake.engine.ffi;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// A function of the C interface as Java calls it: one line beside the operation that uses it.
///
/// A test parses `kernels.h` and fails where a function of it has no symbol here, or one of other
/// types.
public record Symbol(String name, FunctionDescriptor descriptor) {
  public static final AddressLayout PTR = ValueLayout.ADDRESS;
  public static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
  public static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
  public static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

  private static final List<Symbol> ALL = new ArrayList<>();

  /// A function that returns `result`.
  public static Symbol of(String name, MemoryLayout result, MemoryLayout... arguments) {
    Symbol symbol = new Symbol(name, FunctionDescriptor.of(result, arguments));
    synchronized (ALL) {
      ALL.add(symbol);
    }
    return symbol;
  }

  /// A function that returns a `pw_status`.
  public static Symbol status(String name, MemoryLayout... arguments) {
    return of(name, I32, arguments);
  }

  /// A kernel: a function of so many pointers that returns a `pw_status`.
  public static Symbol kernel(String name, int pointers) {
    return status(name, Collections.nCopies(pointers, PTR).toArray(MemoryLayout[]::new));
  }

  /// A struct of the interface.
  ///
  /// @param fields its parts, in order, as [#fields] makes them
  public static StructLayout struct(String name, MemoryLayout[]... fields) {
    MemoryLayout[] all = Arrays.stream(fields).flatMap(Arrays::stream).toArray(MemoryLayout[]::new);
    return MemoryLayout.structLayout(all).withName(name);
  }

  /// Fields of one type that follow each other in a struct.
  ///
  /// @param names with spaces between them
  public static MemoryLayout[] fields(ValueLayout type, String names) {
    return Arrays.stream(names.split(" ")).map(type::withName).toArray(MemoryLayout[]::new);
  }

  /// All symbols of the classes initialised so far.
  public static List<Symbol> all() {
    synchronized (ALL) {
      return List.copyOf(ALL);
    }
  }
}
