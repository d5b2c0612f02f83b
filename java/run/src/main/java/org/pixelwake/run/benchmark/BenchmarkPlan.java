package org.pixelwake.run.benchmark;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// The benchmark as the file `benchmark-1.yaml` describes it: sets of clusters, the tasks on them,
/// and the entries of Pixelwake's own. What is in it does not change under one version.
///
/// @param version number of the benchmark
/// @param sets clusters by name
/// @param tasks by name, in the order in which reports name them
/// @param shared settings of all networks, as `pixelwake finetune` has them
/// @param few settings of networks that learn from at most [#FEW] labels
/// @param entries by name, in the order in which reports name them
public record BenchmarkPlan(
    int version,
    Map<String, ClusterSet> sets,
    Map<String, Task> tasks,
    Map<String, Object> shared,
    Map<String, Object> few,
    Map<String, Entry> entries) {
  /// Labels up to which [#few] counts.
  public static final int FEW = 1000;

  /// The version of this build.
  public static final int VERSION = 1;

  /// A set of clusters: simulated, or drawn from another set.
  ///
  /// @param preset of the simulation, or null
  /// @param setup name of a setup of the benchmark's own, or null
  /// @param thresholdKeV mean threshold, keV; null: that of the setup
  /// @param thicknessUm thickness of the sensor, um; null: that of the setup. Bias and depletion
  ///   voltage stay
  /// @param gain factor of all energies, as of a calibration that is wrong; null: none
  /// @param gainSpread standard deviation of that factor between pixels; null: none
  /// @param particles simulated
  /// @param tiny the same at the scale [Scale#TINY]
  /// @param seed of the simulation, or of the draw
  /// @param from set that labelled clusters are drawn from, or null
  /// @param labels clusters drawn, equally many of each class
  /// @param classes of the clusters drawn
  /// @param sha256 checksums by scale
  public record ClusterSet(
      @Nullable String preset,
      @Nullable String setup,
      @JsonProperty("threshold-kev") @Nullable Double thresholdKeV,
      @JsonProperty("thickness-um") @Nullable Double thicknessUm,
      @Nullable Double gain,
      @JsonProperty("gain-spread") @Nullable Double gainSpread,
      long particles,
      long tiny,
      long seed,
      @Nullable String from,
      int labels,
      @Nullable List<String> classes,
      @Nullable Map<Scale, String> sha256) {}

  /// A task.
  ///
  /// @param title in reports
  /// @param description one or two sentences
  /// @param train set to learn from; of several, an entry learns from each anew
  /// @param test set to predict
  /// @param classes to tell apart, none for a regression
  /// @param targets quantities of a regression, as `pixelwake finetune --targets` has them
  public record Task(
      String title,
      String description,
      List<String> train,
      String test,
      List<String> classes,
      List<String> targets) {
    /// Takes lists that are left out as empty.
    public Task {
      classes = List.copyOf(Objects.requireNonNullElse(classes, List.of()));
      targets = List.copyOf(Objects.requireNonNullElse(targets, List.of()));
    }

    /// Returns whether classes are told apart, rather than quantities measured.
    public boolean classified() {
      return !classes.isEmpty();
    }
  }

  /// An entry of Pixelwake's own.
  ///
  /// @param description a few words
  /// @param quick whether it runs in a quick benchmark too
  /// @param control whether it runs on the tasks' controls
  /// @param symmetries of the square that predictions are averaged over, 8; null: 1
  /// @param of entry whose network it is, predicting otherwise; or null
  /// @param tasks that it enters; null: all
  /// @param settings of the network; null: boosted trees, or those of the entry that it is of
  public record Entry(
      String description,
      boolean quick,
      boolean control,
      @Nullable Integer symmetries,
      @Nullable String of,
      @Nullable List<String> tasks,
      @Nullable Map<String, Object> settings) {
    /// Returns whether it is boosted trees on features rather than a network.
    public boolean trees() {
      return settings == null && of == null;
    }

    /// Returns whether it enters a task.
    public boolean enters(String task) {
      return tasks == null || tasks.contains(task);
    }
  }

  /// How large the sets are.
  public enum Scale {
    /// The benchmark's own size.
    @JsonProperty("full")
    FULL,
    /// Some hundred clusters each, to try out a way through the benchmark. Figures mean nothing.
    @JsonProperty("tiny")
    TINY
  }

  /// Returns the benchmark of this build.
  public static BenchmarkPlan current() {
    return parse(resource("benchmark-" + VERSION + ".yaml"));
  }

  /// Reads a plan.
  ///
  /// @param text YAML as in `benchmark-1.yaml`
  static BenchmarkPlan parse(String text) {
    try {
      return YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(text, BenchmarkPlan.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Returns the text of a file beside this class.
  static String resource(String name) {
    try (InputStream in = BenchmarkPlan.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Returns the name and version, as files of predictions may state it.
  public String title() {
    return "pixelwake-benchmark " + version;
  }

  /// Returns a task.
  ///
  /// @throws InputException where there is none of that name
  public Task task(String name) {
    return known("task", tasks, name);
  }

  /// Returns an entry.
  ///
  /// @throws InputException where there is none of that name
  public Entry entry(String name) {
    return known("entry", entries, name);
  }

  /// Returns a set.
  ///
  /// @throws InputException where there is none of that name
  public ClusterSet set(String name) {
    return known("set", sets, name);
  }

  private static <T> T known(String what, Map<String, T> all, String name) {
    T found = all.get(name);
    if (found == null) {
      throw new InputException(
          what + " " + name, "there is none", "Use one of " + String.join(", ", all.keySet()));
    }
    return found;
  }

  /// Returns the same with these tasks alone; none given: with all.
  ///
  /// @throws InputException where there is none of a name
  public BenchmarkPlan withTasks(Collection<String> names) {
    return new BenchmarkPlan(version, sets, chosen("task", tasks, names), shared, few, entries);
  }

  /// Returns the same with these entries alone; none given: with all.
  ///
  /// @throws InputException where there is none of a name
  public BenchmarkPlan withEntries(Collection<String> names) {
    return new BenchmarkPlan(version, sets, tasks, shared, few, chosen("entry", entries, names));
  }

  private static <T> Map<String, T> chosen(
      String what, Map<String, T> all, Collection<String> names) {
    names.forEach(name -> known(what, all, name));
    Map<String, T> left = new LinkedHashMap<>(all);
    if (!names.isEmpty()) {
      left.keySet().retainAll(names);
    }
    return left;
  }

  /// Returns the same with the entries of a quick benchmark alone.
  public BenchmarkPlan quick() {
    return withEntries(entries.keySet().stream().filter(name -> entry(name).quick()).toList());
  }

  /// Returns the sets that the tasks need, those that others are drawn from first.
  public List<String> needed() {
    List<String> names = new ArrayList<>();
    for (Task task : tasks.values()) {
      List<String> all = new ArrayList<>(task.train);
      all.add(task.test);
      for (String name : all) {
        String from = set(name).from();
        if (from != null) {
          names.add(from);
        }
        names.add(name);
      }
    }
    return names.stream().distinct().toList();
  }

  /// Returns the name of the first task that needs a set.
  String taskOf(String set) {
    return tasks.entrySet().stream()
        .filter(task ->
            task.getValue().test.equals(set)
                || task.getValue().train.contains(set)
                || task.getValue().train.stream().anyMatch(t -> set.equals(set(t).from())))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("none");
  }
}
