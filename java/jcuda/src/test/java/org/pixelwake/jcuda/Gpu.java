package org.pixelwake.jcuda;

import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// What tests need that not every machine has: they are skipped, saying what is missing.
final class Gpu {
  private Gpu() {}

  static void assumePresent() {
    Backend.Availability cuda = Backend.probe("cuda");
    Assumptions.assumeTrue(cuda.usable(), () -> "skipped: no GPU: " + cuda.detail());
  }

  static void assumePresent(Library library) {
    LibrarySearch.Result found = new LibrarySearch().find(library);
    Assumptions.assumeTrue(found.file() != null, () -> "skipped: " + found.explanation());
  }

  /// GPU 0 on the default stream.
  static Device open() {
    assumePresent();
    return Device.onStream(Backend.load("cuda"), 0, 0);
  }

  /// A library on the default stream of a GPU that is there.
  static <T> T open(Library library, Supplier<T> open) {
    assumePresent(library);
    return open.get();
  }
}
