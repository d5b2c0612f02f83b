package org.pixelwake.jcuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// Loads cuDNN with what it loads by name once it is used. In Python's wheels that lies in other
/// folders than its own, where the system's loader finds only what is loaded already.
final class CudnnFiles {
  // Matrix products and the compiler, in the order in which they need each other.
  private static final List<String> COMPANIONS =
      List.of("libcublasLt.so.*", "libcublas.so.*", "libnvrtc.so.*");
  // cuDNN 8 ends the process where one of its parts cannot be loaded (version 9 returns a status),
  // so they are tried first.
  private static final List<String> PARTS_OF_8 =
      List.of("ops_infer", "cnn_infer", "ops_train", "cnn_train");

  private CudnnFiles() {}

  /// Opens the cuDNN of this machine.
  ///
  /// @param stream of version 9
  /// @param version8 opens one of version 8
  static Cudnn open(long stream, Function<Path, Cudnn> version8) {
    LibrarySearch.Result found = new LibrarySearch().find(Library.CUDNN);
    Path file = found.file();
    if (file == null) {
      throw new LibraryException(found.explanation());
    }
    return found.major() >= 9 ? PanamaCudnn.open(file, stream) : version8.apply(file);
  }

  /// @param major version in the file's name
  /// @throws LibraryException when cuDNN, or a part that it cannot do without, does not load
  static NativeLibrary load(Path file, int major) {
    NativeLibrary library = new NativeLibrary(file);
    library.require("cudnnCreate");
    Set<Path> folders = folders(file);
    for (String pattern : COMPANIONS) {
      folders.forEach(folder -> LibrarySearch.matching(folder, pattern).forEach(CudnnFiles::offer));
    }
    if (major == 8) {
      for (String part : PARTS_OF_8) {
        String name = "libcudnn_" + part + ".so.8";
        Path beside = file.resolveSibling(name);
        if (!Files.exists(beside)) {
          throw new LibraryException(
              beside + " is missing, without which cuDNN 8 ends the process: install all of cuDNN");
        }
        new NativeLibrary(beside);
      }
    }
    return library;
  }

  // Not all of them are needed: where one that is does not load, cuDNN or the part says so.
  private static void offer(Path companion) {
    try {
      new NativeLibrary(companion);
    } catch (LibraryException e) {
      System.getLogger(CudnnFiles.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
    }
  }

  // cuDNN's own, those of the wheels beside its own (nvidia/cudnn/lib, nvidia/cublas/lib), and
  // wherever else a search finds the companions.
  private static Set<Path> folders(Path file) {
    Set<Path> folders = new LinkedHashSet<>();
    Path own = file.toAbsolutePath().getParent();
    if (own != null) {
      folders.add(own);
      Path wheel = own.getParent();
      Path wheels = wheel == null ? null : wheel.getParent();
      if (wheels != null && wheels.endsWith("nvidia")) {
        LibrarySearch.matching(wheels, "*").forEach(other -> folders.add(other.resolve("lib")));
      }
    }
    for (Library library : List.of(Library.CUBLASLT, Library.NVRTC)) {
      Path found = new LibrarySearch().find(library).file();
      Path folder = found == null ? null : found.toAbsolutePath().getParent();
      if (folder != null) {
        folders.add(folder);
      }
    }
    return folders;
  }
}
