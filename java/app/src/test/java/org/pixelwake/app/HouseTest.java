package org.pixelwake.app;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The order of the house: which module may use which, and how large a package and a file may be.
class HouseTest {
  private static final Path JAVA = Path.of("..");
  private static final int MOST_FILES = 40;
  private static final int MOST_LINES = 500;

  /// Modules in the order in which they may use those before them.
  private static final List<String> MODULES =
      List.of(
          "base", "engine", "network", "timepix", "report", "validation", "training", "run", "app");

  private static JavaClasses classes() {
    List<Path> folders =
        MODULES.stream().map(m -> JAVA.resolve(m).resolve("target/classes")).toList();
    for (Path folder : folders) {
      assertTrue(Files.isDirectory(folder), folder + " is missing: build all modules first");
    }
    return new ClassFileImporter().importPaths(folders);
  }

  @Test
  void arrowsBetweenModulesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("base")
        .definedBy("org.pixelwake.base..")
        .layer("engine")
        .definedBy("org.pixelwake.engine..")
        .layer("network")
        .definedBy("org.pixelwake.network..")
        .layer("timepix")
        .definedBy("org.pixelwake.timepix..")
        .layer("report")
        .definedBy("org.pixelwake.report..")
        .layer("validation")
        .definedBy("org.pixelwake.validation..")
        .layer("training")
        .definedBy("org.pixelwake.training..")
        .layer("run")
        .definedBy("org.pixelwake.run..")
        .layer("app")
        .definedBy("org.pixelwake.app..")
        .whereLayer("base")
        .mayNotAccessAnyLayer()
        .whereLayer("engine")
        .mayOnlyAccessLayers("base")
        .whereLayer("network")
        .mayOnlyAccessLayers("base", "engine")
        .whereLayer("timepix")
        .mayOnlyAccessLayers("base")
        .whereLayer("report")
        .mayOnlyAccessLayers("base")
        .whereLayer("validation")
        .mayOnlyAccessLayers("base", "timepix", "report")
        .whereLayer("training")
        .mayOnlyAccessLayers("base", "engine", "network", "timepix", "report")
        .whereLayer("run")
        .mayOnlyAccessLayers("base", "engine", "network", "timepix", "report", "training")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .check(classes());
  }

  @Test
  void modulesAreFreeOfCycles() {
    SlicesRuleDefinition.slices()
        .matching("org.pixelwake.(*)..")
        .should()
        .beFreeOfCycles()
        .check(classes());
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> modules = Files.list(JAVA)) {
      List<Path> sources = new ArrayList<>();
      for (Path module : modules.toList()) {
        Path main = module.resolve("src/main/java");
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(f -> f.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
      assertTrue(sources.size() > 400, "sources were found: " + sources.size());
      return sources;
    }
  }

  @Test
  void packagesAreSmall() throws IOException {
    Map<Path, Integer> files = new TreeMap<>();
    sources().forEach(source -> files.merge(source.getParent(), 1, Integer::sum));
    files.values().removeIf(count -> count <= MOST_FILES);
    assertEquals(Map.of(), files, "packages of more than " + MOST_FILES + " files");
  }

  @Test
  void filesAreShort() throws IOException {
    Map<Path, Integer> lines = new TreeMap<>();
    for (Path source : sources()) {
      lines.put(source, Files.readAllLines(source).size());
    }
    lines.values().removeIf(count -> count <= MOST_LINES);
    assertEquals(Map.of(), lines, "files of more than " + MOST_LINES + " lines");
  }
}
