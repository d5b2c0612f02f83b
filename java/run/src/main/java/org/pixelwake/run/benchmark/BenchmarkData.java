package org.pixelwake.run.benchmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.benchmark.BenchmarkPlan.ClusterSet;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.features.SensorShape;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Setup;
import org.pixelwake.training.target.Labels;

/// The clusters of the benchmark: makes them, writes them as data sets, and reads them back. Their
/// checksums are compared with those of the plan both times.
///
/// @param plan which sets there are
/// @param scale how large they are
/// @param folder that the data sets are in
public record BenchmarkData(BenchmarkPlan plan, Scale scale, Path folder) {
  /// "draw" and "deal" in ASCII: keep these draws apart from others of the same seed.
  private static final long DRAW = 0x64726177L << 16;

  private static final long DEAL = 0x6465616cL << 16;

  private static final String CONTROL = "-control";

  /// Clusters in memory.
  ///
  /// @param info what the data set says of itself
  /// @param table the clusters
  public record Clusters(DatasetInfo info, ClusterTable table) {
    /// Returns the number of each cluster's class.
    ///
    /// @param classes names of particles
    /// @return [Labels#NONE] where it is of none of them
    int[] labels(List<String> classes) {
      Labels labels = Labels.byParticle(table, info, classes);
      return IntStream.range(0, table.count()).map(labels::of).toArray();
    }
  }

  /// Returns the data set of a set.
  public Path file(String set) {
    return folder.resolve(set + ".parquet");
  }

  /// Returns the data set of the control of a set: its clusters, among which what is known of them
  /// was dealt out anew by lot.
  Path control(String set) {
    return file(set + CONTROL);
  }

  /// Makes a set, unless it is there.
  ///
  /// @param threads of the simulation; results do not depend on it
  /// @throws InputException naming the task, where the clusters are not those of the benchmark
  public void make(String set, int threads, Progress progress) {
    if (Files.exists(file(set))) {
      return;
    }
    RunFolders.create(folder);
    ClusterSet wanted = plan.set(set);
    String from = wanted.from();
    if (from != null) {
      make(from, threads, progress);
      draw(set, wanted, read(from, progress));
    } else {
      simulate(set, wanted, threads, progress);
    }
  }

  private void simulate(String set, ClusterSet wanted, int threads, Progress progress) {
    long particles = scale == Scale.FULL ? wanted.particles() : wanted.tiny();
    Simulation simulation = new Simulation(setup(wanted), particles, wanted.seed(), threads);
    Double gain = wanted.gain();
    PixelGains gains =
        gain == null
            ? null
            : new PixelGains(
                gain, Objects.requireNonNullElse(wanted.gainSpread(), 0.0), wanted.seed());
    ClusterDigest digest = new ClusterDigest();
    try (DatasetWriter writer = writer(set, DatasetInfo.of(Version.CURRENT, simulation.source()))) {
      simulation.run(
          cluster -> {
            Cluster seen = gains == null ? cluster : gains.apply(cluster);
            digest.add(seen);
            writer.append(seen, 0);
          },
          progress);
      check(set, digest.text());
      writer.finish();
    }
  }

  private DatasetWriter writer(String set, DatasetInfo info) {
    Map<String, String> facts = Map.of("benchmark", plan.title(), "set", set);
    return DatasetWriter.create(file(set), info.withProperties(facts));
  }

  // Of every class the clusters with the smallest draws, so that a smaller set is within a larger.
  private void draw(String set, ClusterSet wanted, Clusters from) {
    List<String> classes = Objects.requireNonNull(wanted.classes());
    int[] labels = from.labels(classes);
    int each = wanted.labels() / classes.size();
    int[] rows =
        IntStream.range(0, classes.size())
            .mapToObj(c -> first(each, labels.length, row -> labels[row] == c, wanted.seed()))
            .flatMapToInt(Arrays::stream)
            .sorted()
            .toArray();
    ClusterTable drawn = from.table.select(rows);
    check(set, ClusterDigest.of(drawn));
    write(set, from.info, drawn);
  }

  private static int[] first(int count, int rows, IntPredicate of, long seed) {
    return IntStream.range(0, rows)
        .filter(of)
        .boxed()
        .sorted(Comparator.comparingLong(row -> Philox.bits(seed, DRAW, row)))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private void write(String set, DatasetInfo info, ClusterTable table) {
    try (DatasetWriter writer = writer(set, info)) {
      for (int row = 0; row < table.count(); row++) {
        writer.append(table, row);
      }
      writer.finish();
    }
  }

  /// Makes the control of a set, unless it is there.
  void makeControl(String set, Progress progress) {
    if (Files.exists(control(set))) {
      return;
    }
    Clusters clusters = read(set, progress);
    int[] dealt = dealt(clusters.table.count(), plan.set(set).seed());
    try (DatasetWriter writer = writer(set + CONTROL, clusters.info)) {
      for (int row = 0; row < dealt.length; row++) {
        Truth truth = clusters.table.truth(dealt[row]);
        Cluster cluster = clusters.table.cluster(row);
        writer.append(truth == null ? cluster : cluster.withTruth(truth), 0);
      }
      writer.finish();
    }
  }

  /// Returns the rows of which each of so many takes what is known, in a control: a permutation.
  ///
  /// @param seed of the set
  static int[] dealt(int rows, long seed) {
    return IntStream.range(0, rows)
        .boxed()
        .sorted(Comparator.comparingLong(row -> Philox.bits(seed, DEAL, row)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// Reads a set.
  ///
  /// @throws InputException naming the task, where the clusters are not those of the benchmark, or
  ///   the file cannot be read
  public Clusters read(String set, Progress progress) {
    Clusters clusters = load(file(set), progress);
    check(set, ClusterDigest.of(clusters.table));
    return clusters;
  }

  private static Clusters load(Path file, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      return new Clusters(reader.info(), reader.loadAll(progress));
    }
  }

  /// Reads a set or its control to learn from.
  Clusters readTraining(String set, boolean control, Progress progress) {
    return control ? load(control(set), progress) : read(set, progress);
  }

  private void check(String set, String found) {
    String wanted = checksum(set);
    if (!found.equals(wanted)) {
      throw new InputException(
          "task " + plan.taskOf(set),
          "set " + set,
          "its clusters are not those of %s at the scale %s: SHA-256 %s, not %s"
              .formatted(plan.title(), name(scale), found, wanted),
          "Delete "
              + file(set)
              + " where it is an older one; on a processor or a Java that computes otherwise, copy"
              + " the data sets from where they were made");
    }
  }

  private @Nullable String checksum(String set) {
    Map<Scale, String> all = plan.set(set).sha256();
    return all == null ? null : all.get(scale);
  }

  /// Returns the name of a scale.
  static String name(Scale scale) {
    return scale.name().toLowerCase(Locale.ROOT);
  }

  /// Returns the shape of the sensor of a set.
  SensorShape sensor(String set) {
    ClusterSet wanted = plan.set(set);
    String from = wanted.from();
    if (from != null) {
      return sensor(from);
    }
    Sensor sensor = setup(wanted).sensor();
    return new SensorShape(
        sensor.pixels(), sensor.pixels(), sensor.pitchUm(), sensor.thicknessUm());
  }

  private static Setup setup(ClusterSet set) {
    String preset = set.preset();
    String name = set.setup() + ".yaml";
    Setup setup =
        preset == null ? Setup.parse(name, BenchmarkPlan.resource(name)) : Setup.preset(preset);
    Sensor sensor = setup.sensor();
    if (set.thresholdKeV() != null) {
      sensor = sensor.withThreshold(set.thresholdKeV());
    }
    if (set.thicknessUm() != null) {
      sensor =
          sensor.withDrift(
              set.thicknessUm(), sensor.biasV(), sensor.depletionV(), sensor.mobilityUm2PerVNs());
    }
    return setup.withSensor(sensor);
  }

  /// Writes `tasks.json`: what there is to learn from and to predict in each task, for programs.
  public void writeIndex() {
    ObjectNode root = JsonOutput.object();
    root.put("benchmark", plan.title()).put("scale", name(scale));
    ObjectNode tasks = root.putObject("tasks");
    plan.tasks().forEach((name, task) -> describe(tasks.putObject(name), task));
    ObjectNode sets = root.putObject("sets");
    for (String set : plan.needed()) {
      sets.putObject(set)
          .put("file", String.valueOf(file(set).getFileName()))
          .put("sha256", checksum(set));
    }
    JsonOutput.write(root, folder.resolve("tasks.json"));
  }

  private void describe(ObjectNode node, Task task) {
    node.put("title", task.title()).put("description", task.description());
    ArrayNode train = node.putArray("train");
    task.train().forEach(set -> train.add(String.valueOf(file(set).getFileName())));
    node.put("test", String.valueOf(file(task.test()).getFileName()));
    ArrayNode columns = node.putArray("predictions");
    columns.add(PredictionFile.ROW);
    if (task.train().size() > 1) {
      columns.add(PredictionFile.DRAW);
    }
    PredictionFile.columns(task).forEach(columns::add);
  }

  /// Returns the names of all files that [#make] and [#writeIndex] write for the tasks.
  public List<Path> files() {
    List<Path> files = new ArrayList<>(plan.needed().stream().map(this::file).toList());
    files.add(folder.resolve("tasks.json"));
    return files;
  }
}
