package org.pixelwake.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.Progress;
import org.pixelwake.run.data.OutputFormat;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.simulation.Setup;

/// The example runs from a file of hits to a report: as a part of this program, and in a program of
/// its own on the module path, as a user's modules are.
class WayOfAHitTest {
  private static final String MODULE = "org.pixelwake.run";

  @TempDir private Path folder;
  private Path hits = Path.of("");

  @BeforeEach
  void simulate() {
    hits = folder.resolve("hits.t3pa");
    Setup setup = Simulation.counting(Setup.preset("atlas"), OutputFormat.T3PA);
    new Simulation(setup, 400, 7, 1).writeHits(OutputFormat.T3PA, hits, 1, Progress.NONE);
  }

  @Tag("slow")
  @Test
  void runsOnTheClassPath() throws IOException {
    WayOfAHit.run(hits, folder, 2);
    checkResults();
  }

  @Test
  void runsOnTheModulePath() throws IOException, InterruptedException {
    Map<String, ModuleReference> found = modules();
    Set<String> needed = closure(found);
    assertTrue(
        needed.containsAll(List.of(MODULE, "org.pixelwake.training", "org.pixelwake.timepix")),
        needed.toString());
    Set<Path> modulePath =
        needed.stream()
            .map(name -> Path.of(found.get(name).location().orElseThrow()))
            .collect(Collectors.toCollection(TreeSet::new));
    // Parquet's packages lie in several jars each, which no module can be: they stay on the class
    // path.
    List<Path> rest = classPath().filter(part -> !modulePath.contains(part)).toList();
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                joined(modulePath),
                "--class-path",
                joined(rest),
                "--add-reads=org.pixelwake.timepix=ALL-UNNAMED",
                "--enable-native-access=org.pixelwake.engine",
                "-Dpixelwake.native.dir=" + System.getProperty("pixelwake.native.dir", ""),
                "--module",
                MODULE + "/" + WayOfAHit.class.getName(),
                hits.toString(),
                folder.toString(),
                "2")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> read(log));
    assertTrue(read(log).contains("report: "), () -> read(log));
    checkResults();
  }

  @Test
  void readmeQuotesIt() throws IOException {
    Path root = Path.of("../..");
    String source =
        Files.readString(root.resolve("java/run/src/main/java/org/pixelwake/run/WayOfAHit.java"));
    String head = "int steps) {\n";
    String body =
        source.substring(source.indexOf(head) + head.length(), source.lastIndexOf("  }\n}"));
    String quote = "```java\n" + body.stripTrailing().stripIndent() + "\n```\n";
    assertTrue(Files.readString(root.resolve("README.md")).contains(quote), quote);
  }

  private void checkResults() throws IOException {
    try (DatasetReader reader = DatasetReader.open(folder.resolve("clusters.parquet"))) {
      assertTrue(reader.count() > 200, reader.count() + " clusters of 400 particles");
    }
    assertTrue(Files.size(folder.resolve("features.parquet")) > 1000);
    assertTrue(Files.readString(folder.resolve("run/report.html")).contains("</html>"));
    assertTrue(Files.isRegularFile(folder.resolve("run/model.safetensors")));
  }

  // Modules by name, among what this test has on its class path.
  private static Map<String, ModuleReference> modules() {
    Map<String, ModuleReference> found = new LinkedHashMap<>();
    classPath()
        .forEach(part -> {
          try {
            for (ModuleReference module : ModuleFinder.of(part).findAll()) {
              found.putIfAbsent(module.descriptor().name(), module);
            }
          } catch (FindException e) {
            // The jar's name tells no name of a module: it can only be on the class path.
            assertTrue(part.toString().endsWith(".jar"), e.getMessage());
          }
        });
    return found;
  }

  private static Set<String> closure(Map<String, ModuleReference> found) {
    Set<String> names = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(MODULE));
    while (!open.isEmpty()) {
      String name = open.pop();
      ModuleReference module = found.get(name);
      if (module != null && names.add(name)) {
        for (Requires required : module.descriptor().requires()) {
          if (!required.modifiers().contains(Requires.Modifier.STATIC)) {
            open.push(required.name());
          }
        }
      }
    }
    return names;
  }

  private static Stream<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(part -> Path.of(part).toAbsolutePath())
        .filter(Files::exists)
        .distinct();
  }

  private static String joined(Iterable<Path> paths) {
    List<String> parts = new ArrayList<>();
    paths.forEach(path -> parts.add(path.toString()));
    return String.join(File.pathSeparator, parts);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
