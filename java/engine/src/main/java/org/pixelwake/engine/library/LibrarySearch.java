package org.pixelwake.engine.library;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds libraries of NVIDIA's that Pixelwake does not need but can use: it looks at files and
/// loads nothing.
///
/// A place named by the library's property or environment variable is the only one looked at. Else
/// those of [SearchPlaces] are, and the newest version that any of them holds is taken.
public final class LibrarySearch {
  /// A library of NVIDIA's.
  public enum Library {
    /// Convolutions.
    CUDNN("cuDNN", "libcudnn.so.9 libcudnn.so.8"),
    /// Matrix products.
    CUBLASLT("cuBLASLt", "libcublasLt.so.13 libcublasLt.so.12 libcublasLt.so.11"),
    /// Compiler of kernels, which cuDNN uses for some of its own.
    NVRTC("NVRTC", "libnvrtc.so.13 libnvrtc.so.12");

    private final String label;
    private final String files;

    Library(String label, String files) {
      this.label = label;
      this.files = files;
    }

    /// Its name for people.
    public String label() {
      return label;
    }

    /// Names of the file, the preferred version first.
    public List<String> files() {
      return List.of(files.split(" "));
    }

    /// The property that names its file or folder; the environment variable is the same in capital
    /// letters with underscores.
    public String property() {
      return "pixelwake." + name().toLowerCase(Locale.ROOT);
    }

    String variable() {
      return "PIXELWAKE_" + name();
    }
  }

  /// A place that does not have a library.
  ///
  /// @param place folder, or what names it
  /// @param why what is wrong with it
  public record Miss(String place, String why) {
    @Override
    public String toString() {
      return place + ": " + why;
    }
  }

  /// What a search came to.
  ///
  /// @param file the library, or null
  /// @param major version in the file's name; 0 where it was not found
  /// @param misses places without the library, or without its newest version, in the order looked
  ///   at
  public record Result(Library library, @Nullable Path file, int major, List<Miss> misses) {
    /// Where it is, or else every place looked at and what the user can do.
    public String explanation() {
      if (file != null) {
        return library.label() + ": " + file;
      }
      return "%s was not found: neither of %s in%s\n%s"
          .formatted(
              library.label(),
              String.join(", ", library.files()),
              misses.stream().map(miss -> "\n  " + miss).collect(Collectors.joining()),
              remedy());
    }

    /// What the user can do where it was not found.
    public String remedy() {
      return "Install it, or name its file or folder with -D%s=... or %s"
          .formatted(library.property(), library.variable());
    }
  }

  private final Function<String, @Nullable String> properties;
  private final Map<String, String> environment;
  private final Path root;

  /// @param root stands for `/`, so that tests can lay out a machine in a folder
  LibrarySearch(
      Function<String, @Nullable String> properties, Map<String, String> environment, Path root) {
    this.properties = properties;
    this.environment = environment;
    this.root = root;
  }

  /// A search of this machine.
  public LibrarySearch() {
    this(System::getProperty, System.getenv(), Path.of("/"));
  }

  /// Looks for a library.
  public Result find(Library library) {
    String property = properties.apply(library.property());
    if (property != null) {
      return named(library, "-D" + library.property(), property);
    }
    String variable = environment.get(library.variable());
    if (variable != null && !variable.isEmpty()) {
      return named(library, library.variable(), variable);
    }
    return anywhere(library);
  }

  // Only there: another copy than the one asked for would be a surprise.
  private static Result named(Library library, String name, String value) {
    Path path = Path.of(value).toAbsolutePath();
    boolean folder = Files.isDirectory(path);
    String why =
        (folder ? "has none of " : "is neither a folder nor one of ")
            + String.join(", ", library.files());
    for (String file : library.files()) {
      Path candidate = folder ? path.resolve(file) : path;
      String actual = String.valueOf(candidate.getFileName());
      if (!Files.exists(candidate) || !(actual.equals(file) || actual.startsWith(file + "."))) {
        continue;
      }
      String fault = ElfFile.fault(candidate);
      if (fault == null) {
        return new Result(library, candidate, major(file), List.of());
      }
      why = candidate.getFileName() + " " + fault;
    }
    return new Result(library, null, 0, List.of(new Miss(name + "=" + value, why)));
  }

  private Result anywhere(Library library) {
    Map<String, String> misses = new LinkedHashMap<>();
    List<SearchPlaces.Place> places = new SearchPlaces(environment, root).all(library.files());
    for (String file : library.files()) {
      for (SearchPlaces.Place place : places) {
        Path candidate = place.files().get(file);
        if (candidate == null) {
          misses.putIfAbsent(place.name(), place.why());
          continue;
        }
        String fault = ElfFile.fault(candidate);
        if (fault == null) {
          return new Result(library, candidate, major(file), list(misses));
        }
        misses.put(candidate.toString(), fault);
      }
    }
    return new Result(library, null, 0, list(misses));
  }

  private static List<Miss> list(Map<String, String> misses) {
    return misses.entrySet().stream().map(m -> new Miss(m.getKey(), m.getValue())).toList();
  }

  /// The files and folders in a folder that match a pattern, sorted; none where it cannot be read.
  ///
  /// @param pattern as of [Files#newDirectoryStream(Path, String)]
  public static List<Path> matching(Path folder, String pattern) {
    return SearchPlaces.children(folder, pattern);
  }

  private static int major(String file) {
    return Integer.parseInt(file.substring(file.lastIndexOf('.') + 1));
  }
}
