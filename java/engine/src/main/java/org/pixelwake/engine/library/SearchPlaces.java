package org.pixelwake.engine.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Where people have NVIDIA's libraries, in the order in which they are looked at:
///
/// 1. the loader's: `LD_LIBRARY_PATH`, its cache, its own folders;
/// 2. toolkits: `CUDA_HOME`, `CUDA_PATH`, `/usr/local/cuda*`;
/// 3. wheels: `nvidia/*/lib` in the site-packages of `VIRTUAL_ENV`, `CONDA_PREFIX`, of every
///    `python3` on the `PATH`, and of the user's own. Python itself is not run.
final class SearchPlaces {
  /// @param name of the place for people
  /// @param files the wanted files that it has, by name
  /// @param why what it lacks
  record Place(String name, Map<String, Path> files, String why) {}

  private final Map<String, String> environment;
  private final Path root;
  private final Set<Path> seen = new LinkedHashSet<>();
  private final List<Place> places = new ArrayList<>();

  SearchPlaces(Map<String, String> environment, Path root) {
    this.environment = environment;
    this.root = root;
  }

  List<Place> all(List<String> wanted) {
    loader(wanted);
    toolkits(wanted);
    wheels(wanted);
    return List.copyOf(places);
  }

  private void loader(List<String> wanted) {
    for (String folder : list("LD_LIBRARY_PATH")) {
      folder(Path.of(folder), wanted);
    }
    Path cache = at("etc/ld.so.cache");
    Map<String, Path> cached = new LinkedHashMap<>();
    String why = "lists none of " + String.join(", ", wanted);
    try {
      LoaderCache.read(cache, wanted).forEach((name, file) -> cached.put(name, moved(file)));
    } catch (IOException e) {
      why = "cannot be read (" + e.getMessage() + ")";
    }
    places.add(new Place(cache.toString(), cached, why));
    for (String folder :
        List.of("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64")) {
      Path path = at(folder);
      if (Files.isDirectory(path)) {
        folder(path, wanted);
      }
    }
  }

  private void toolkits(List<String> wanted) {
    named(toolkit -> toolkit(toolkit, wanted), "CUDA_HOME", "CUDA_PATH");
    List<Path> installed = children(at("usr/local"), "cuda*");
    if (installed.isEmpty()) {
      places.add(new Place(at("usr/local/cuda*").toString(), Map.of(), "does not exist"));
    }
    installed.forEach(toolkit -> toolkit(toolkit, wanted));
  }

  private void toolkit(Path toolkit, List<String> wanted) {
    if (!Files.isDirectory(toolkit)) {
      folder(toolkit, wanted);
      return;
    }
    List<Path> folders = new ArrayList<>(List.of(toolkit.resolve("lib64"), toolkit.resolve("lib")));
    children(toolkit.resolve("targets"), "*").forEach(t -> folders.add(t.resolve("lib")));
    folders.stream().filter(Files::isDirectory).forEach(folder -> folder(folder, wanted));
  }

  private void wheels(List<String> wanted) {
    Set<Path> prefixes = new LinkedHashSet<>();
    // Conda's own packages lie beside its Python.
    Consumer<Path> look = prefix -> folder(prefix.resolve("lib"), wanted);
    named(look.andThen(prefixes::add), "VIRTUAL_ENV", "CONDA_PREFIX");
    for (String folder : list("PATH")) {
      Path python = Path.of(folder, "python3");
      if (Files.exists(python)) {
        // In a virtual environment it links to the Python that made it: its packages are where it
        // is named. Elsewhere they are where it is.
        prefix(python, prefixes);
        prefix(real(python), prefixes);
      }
    }
    String home = environment.getOrDefault("HOME", "");
    if (!home.isEmpty()) {
      prefixes.add(Path.of(home, ".local"));
    }
    prefixes.forEach(prefix -> python(prefix, wanted));
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file;
    }
  }

  private static void prefix(Path python, Set<Path> prefixes) {
    Path bin = python.getParent();
    Path prefix = bin == null ? null : bin.getParent();
    if (prefix != null) {
      prefixes.add(prefix);
      // Where pyenv's python3 is a script that runs one of these.
      prefixes.addAll(children(prefix.resolve("versions"), "*"));
    }
  }

  private void python(Path prefix, List<String> wanted) {
    List<Path> packages = new ArrayList<>();
    for (Path base : List.of(prefix, prefix.resolve("local"))) {
      for (String lib : List.of("lib", "lib64")) {
        for (Path version : children(base.resolve(lib), "python3*")) {
          packages.add(version.resolve("site-packages"));
          packages.add(version.resolve("dist-packages"));
        }
      }
    }
    packages.removeIf(folder -> !Files.isDirectory(folder));
    if (packages.isEmpty()) {
      places.add(new Place(prefix + "/lib/python3*", Map.of(), "has no site-packages"));
    }
    for (Path folder : packages) {
      if (!seen.add(real(folder))) {
        continue;
      }
      List<Path> nvidia = children(folder.resolve("nvidia"), "*");
      if (nvidia.isEmpty()) {
        places.add(new Place(folder.toString(), Map.of(), "has no wheels of nvidia's"));
      }
      nvidia.stream()
          .map(wheel -> wheel.resolve("lib"))
          .filter(Files::isDirectory)
          .forEach(lib -> folder(lib, wanted));
    }
  }

  private void folder(Path folder, List<String> wanted) {
    if (!seen.add(real(folder))) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      places.add(new Place(folder.toString(), Map.of(), "does not exist"));
      return;
    }
    Map<String, Path> found = new LinkedHashMap<>();
    List<String> absent = new ArrayList<>();
    for (String name : wanted) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        found.put(name, file);
      } else {
        absent.add(name);
      }
    }
    String why = (found.isEmpty() ? "has none of " : "has no ") + String.join(", ", absent);
    places.add(new Place(folder.toString(), found, why));
  }

  private Path at(String path) {
    return root.resolve(path);
  }

  // An absolute path of the machine that `root` stands for.
  private Path moved(Path file) {
    return file.isAbsolute() ? root.resolve(file.toString().substring(1)) : file;
  }

  private List<String> list(String variable) {
    String value = environment.getOrDefault(variable, "");
    return Arrays.stream(value.split(":")).filter(part -> !part.isEmpty()).toList();
  }

  // Looks into the folders that environment variables name, and notes which are not set.
  private void named(Consumer<Path> look, String... variables) {
    for (String variable : variables) {
      String value = environment.getOrDefault(variable, "");
      if (value.isEmpty()) {
        places.add(new Place(variable, Map.of(), "is not set"));
      } else {
        look.accept(Path.of(value));
      }
    }
  }

  // Sorted; none where the folder may not be read, which is reported as one without wheels or
  // toolkits.
  static List<Path> children(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
        stream.forEach(found::add);
      } catch (IOException e) {
        return List.of();
      }
    }
    found.sort(null);
    return found;
  }
}
