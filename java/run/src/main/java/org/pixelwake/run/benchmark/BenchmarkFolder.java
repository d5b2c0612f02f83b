package org.pixelwake.run.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;

/// The folder of a benchmark: `benchmark.json` (version and scale), `data/`, `runs/ENTRY/SET/`
/// (trainings), `predictions/ENTRY/TASK.parquet`, `results/ENTRY/TASK.json`, `scores.json`,
/// `costs.json`, `report.html`. What is done is told by files that appear whole.
///
/// @param path of the folder
public record BenchmarkFolder(Path path) {
  private static final String JSON = ".json";

  /// The benchmark that a folder belongs to.
  ///
  /// @param benchmark name and version
  /// @param scale of its sets
  record Mark(String benchmark, Scale scale) {}

  /// The cost of a training.
  ///
  /// @param seconds in all runs of the command that ended orderly
  /// @param parameters of the network; 0 of boosted trees
  record Learned(double seconds, long parameters) {}

  /// The cost of a task for an entry.
  ///
  /// @param trainSeconds of learning from all sets of the task
  /// @param predictSeconds of predicting the test set once for each of them
  /// @param predicted clusters in that time
  /// @param parameters of a network; 0 of boosted trees
  record Cost(double trainSeconds, double predictSeconds, long predicted, long parameters) {
    double clustersPerSecond() {
      return predicted / predictSeconds;
    }
  }

  private static JsonMapper json() {
    return JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .build();
  }

  private Path mark() {
    return path.resolve("benchmark.json");
  }

  /// Claims the folder for a benchmark, where it is empty or one of that benchmark already.
  ///
  /// @throws InputException where it is another's
  public void claim(BenchmarkPlan plan, Scale scale) {
    Mark wanted = new Mark(plan.title(), scale);
    if (Files.exists(mark())) {
      Mark found = read(mark(), Mark.class).orElseThrow();
      if (!found.equals(wanted)) {
        throw new InputException(
            path,
            "holds " + found.benchmark + " at the scale " + BenchmarkData.name(found.scale),
            "Choose another folder with -o");
      }
      return;
    }
    if (Files.isDirectory(path) && !RunFolders.empty(path)) {
      throw new InputException(path, "holds other files", "Choose another folder with -o");
    }
    RunFolders.create(path);
    write(mark(), wanted);
  }

  /// Returns where the data sets are.
  public Path data() {
    return path.resolve("data");
  }

  /// Returns the report.
  public Path report() {
    return path.resolve("report.html");
  }

  /// Returns the scores of all entries, the same bits whenever they are made.
  public Path scores() {
    return path.resolve("scores.json");
  }

  /// Returns what the entries took, on this machine.
  public Path costs() {
    return path.resolve("costs.json");
  }

  private static String named(String name, boolean control) {
    return control ? name + "-control" : name;
  }

  RunFolder run(String entry, String set, boolean control) {
    return new RunFolder(path.resolve("runs").resolve(entry).resolve(named(set, control)));
  }

  /// Returns the file that tells that an entry has learned from a set.
  Path learned(String entry, String set, boolean control) {
    return path.resolve("learned").resolve(entry).resolve(named(set, control) + JSON);
  }

  /// Returns the file of what learning took so far, where it was stopped.
  Path begun(String entry, String set, boolean control) {
    return path.resolve("learned").resolve(entry).resolve(named(set, control) + ".begun" + JSON);
  }

  /// Returns the predictions of an entry.
  public Path predictions(String entry, String task) {
    return path.resolve("predictions").resolve(entry).resolve(task + ".parquet");
  }

  Path result(String entry, String task, boolean control) {
    return path.resolve("results").resolve(entry).resolve(named(task, control) + JSON);
  }

  Path cost(String entry, String task) {
    return path.resolve("costs").resolve(entry).resolve(task + JSON);
  }

  /// Returns the entries that have results: first those of the plan, in its order.
  List<String> entries(BenchmarkPlan plan) {
    Set<String> entries = new LinkedHashSet<>();
    Path results = path.resolve("results");
    if (!Files.isDirectory(results)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(results)) {
      List<String> found =
          children.map(child -> String.valueOf(child.getFileName())).sorted().toList();
      plan.entries().keySet().stream().filter(found::contains).forEach(entries::add);
      entries.addAll(found);
    } catch (IOException e) {
      throw InputException.unreadable(results, e);
    }
    return new ArrayList<>(entries);
  }

  /// Writes a record; the file appears whole.
  static void write(Path file, Object result) {
    try {
      RunFolders.write(file, json().writerWithDefaultPrettyPrinter().writeValueAsString(result));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads a record back; empty where it is not there.
  static <T> Optional<T> read(Path file, Class<T> type) {
    try {
      return Files.exists(file)
          ? Optional.of(json().readValue(Files.readString(file), type))
          : Optional.empty();
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be read: " + e.getMessage(), "Delete it: it is made anew", e);
    }
  }
}
