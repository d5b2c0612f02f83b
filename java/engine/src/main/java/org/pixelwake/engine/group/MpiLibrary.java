package org.pixelwake.engine.group;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pixelwake.engine.ffi.NativeLibraries;

/// `libpixelwake_mpi.so`, which answers `mpi.h`.
public final class MpiLibrary {
  /// Raised with `PW_MPI_ABI_VERSION` of `mpi.h`.
  public static final int ABI_VERSION = 1;

  /// The functions of `mpi.h`; a test compares them with it.
  public static final Map<String, FunctionDescriptor> FUNCTIONS = functions();

  private final Path file;
  private final Map<String, MethodHandle> handles = new LinkedHashMap<>();

  private MpiLibrary(Path file) {
    this.file = file;
    SymbolLookup lookup = SymbolLookup.libraryLookup(file, Arena.global());
    Linker linker = Linker.nativeLinker();
    FUNCTIONS.forEach((name, descriptor) -> {
      MemorySegment function =
          lookup
              .find(name)
              .orElseThrow(() -> new IllegalArgumentException(file + " lacks " + name));
      handles.put(name, linker.downcallHandle(function, descriptor));
    });
    int version = (int) call("pw_mpi_abi_version");
    if (version != ABI_VERSION) {
      throw new IllegalArgumentException(
          file
              + " speaks version "
              + version
              + " of its interface, this Java speaks "
              + ABI_VERSION
              + ": rebuild both from the same sources");
    }
  }

  private static Map<String, FunctionDescriptor> functions() {
    Map<String, FunctionDescriptor> functions = new LinkedHashMap<>();
    functions.put("pw_mpi_abi_version", FunctionDescriptor.of(I32));
    functions.put("pw_mpi_library", FunctionDescriptor.of(PTR));
    functions.put("pw_mpi_last_error", FunctionDescriptor.of(PTR));
    functions.put("pw_mpi_init", FunctionDescriptor.of(I32, PTR));
    functions.put("pw_mpi_allgather", FunctionDescriptor.of(I32, PTR, PTR, I64));
    functions.put("pw_mpi_alltoall", FunctionDescriptor.of(I32, PTR, PTR, I64));
    functions.put("pw_mpi_barrier", FunctionDescriptor.of(I32));
    functions.put("pw_mpi_test", FunctionDescriptor.of(I32, PTR));
    functions.put("pw_mpi_finalize", FunctionDescriptor.of(I32));
    functions.put("pw_mpi_abort", FunctionDescriptor.of(I32, I32));
    return functions;
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
    return file;
  }

  /// Name and version of the MPI behind it.
  String version() {
    return text("pw_mpi_library");
  }

  /// Calls a function that returns a status.
  ///
  /// @throws GroupException with MPI's own words when it fails
  void check(String function, Object... arguments) {
    if ((int) call(function, arguments) != 0) {
      throw failure();
    }
  }

  /// What MPI said of the call that has just failed.
  GroupException failure() {
    return new GroupException(
        GroupException.Kind.LOST,
        "MPI failed (" + text("pw_mpi_last_error") + ")",
        "See what mpirun says of it");
  }

  void abort(int code) {
    check("pw_mpi_abort", code);
  }

  /// The function itself, for calls that must be quick.
  MethodHandle handle(String function) {
    MethodHandle handle = handles.get(function);
    if (handle == null) {
      throw new IllegalArgumentException(function);
    }
    return handle;
  }

  private Object call(String function, Object... arguments) {
    try {
      return handle(function).invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }

  private String text(String function) {
    return ((MemorySegment) call(function)).reinterpret(4096).getString(0);
  }
}
