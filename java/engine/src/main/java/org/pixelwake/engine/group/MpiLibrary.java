package org.pixelwake.engine.group;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.engine.ffi.FunctionLibrary;
import org.pixelwake.engine.ffi.NativeLibraries;
import org.pixelwake.engine.ffi.Symbol;

/// `libpixelwake_mpi.so`, which answers `mpi.h`.
public final class MpiLibrary {
  /// Raised with `PW_MPI_ABI_VERSION` of `mpi.h`.
  public static final int ABI_VERSION = 1;

  /// The functions of `mpi.h`; a test compares them with it.
  public static final Map<String, FunctionDescriptor> FUNCTIONS =
      Map.of(
          "pw_mpi_abi_version", FunctionDescriptor.of(I32),
          "pw_mpi_library", FunctionDescriptor.of(PTR),
          "pw_mpi_last_error", FunctionDescriptor.of(PTR),
          "pw_mpi_init", FunctionDescriptor.of(I32, PTR),
          "pw_mpi_allgather", FunctionDescriptor.of(I32, PTR, PTR, I64),
          "pw_mpi_alltoall", FunctionDescriptor.of(I32, PTR, PTR, I64),
          "pw_mpi_barrier", FunctionDescriptor.of(I32),
          "pw_mpi_test", FunctionDescriptor.of(I32, PTR),
          "pw_mpi_finalize", FunctionDescriptor.of(I32),
          "pw_mpi_abort", FunctionDescriptor.of(I32, I32));

  private final FunctionLibrary library;

  private MpiLibrary(Path file) {
    library = new FunctionLibrary(file);
    FUNCTIONS.keySet().forEach(this::handle);
    library.requireVersion(symbol("pw_mpi_abi_version"), ABI_VERSION);
  }

  private static Symbol symbol(String function) {
    return new Symbol(function, Objects.requireNonNull(FUNCTIONS.get(function)));
  }

  /// Loads it, searched as [NativeLibraries] documents.
  ///
  /// @throws UnsatisfiedLinkError naming the places tried
  /// @throws IllegalArgumentException when it is another version or cannot be linked, as where the
  ///   MPI that it was built with is not installed
  static MpiLibrary load() {
    return new MpiLibrary(NativeLibraries.find("mpi"));
  }

  /// The file it came from.
  Path file() {
    return library.file();
  }

  /// Name and version of the MPI behind it.
  String version() {
    return library.text(symbol("pw_mpi_library"));
  }

  /// Calls a function that returns a status; a failure repeats MPI's own words.
  void check(String function, Object... arguments) {
    if (!Objects.equals(library.call(symbol(function), arguments), 0)) {
      throw failure();
    }
  }

  /// Returns MPI's message for the call that has just failed.
  GroupException failure() {
    return new GroupException(
        GroupException.Kind.LOST,
        "MPI failed (" + library.text(symbol("pw_mpi_last_error")) + ")",
        "See what mpirun says of it");
  }

  void abort(int code) {
    check("pw_mpi_abort", code);
  }

  /// The function itself, for calls that must be quick.
  MethodHandle handle(String function) {
    return library.handle(symbol(function));
  }
}
