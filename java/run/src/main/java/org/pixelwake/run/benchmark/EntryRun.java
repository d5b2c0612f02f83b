package org.pixelwake.run.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Host;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.TrainingRun;
import org.pixelwake.run.benchmark.BenchmarkFolder.Learned;
import org.pixelwake.run.benchmark.BenchmarkPlan.Entry;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;
import org.pixelwake.run.study.StudyPlan;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.SensorShape;
import org.pixelwake.training.ClassifierOutputs;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.baseline.BaselineOptions;
import org.pixelwake.training.baseline.FeatureBaseline;
import org.pixelwake.training.baseline.FeatureRegression;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// Learning and predicting of Pixelwake's own entries.
///
/// @param host shows the progress and says when to stop
/// @param device to compute on
/// @param folder of the benchmark
/// @param data its clusters
record EntryRun(Host host, Device device, BenchmarkFolder folder, BenchmarkData data) {
  private static final long SEED = 1;
  private static final int BATCH = 256;

  /// Settings at the scale [Scale#TINY], beside the entries' own.
  private static final Map<String, Object> TINY =
      Map.of("steps", 8, "batch", 16, "checkpoint-minutes", 0.01);

  private BenchmarkPlan plan() {
    return data.plan();
  }

  /// Returns the name of the entry that learns for one.
  String learner(String entry) {
    return Objects.requireNonNullElse(plan().entry(entry).of(), entry);
  }

  /// Learns a task from one of its sets.
  ///
  /// @return false where it was asked to stop
  boolean learn(String entry, Task task, String set, boolean control, Progress line) {
    Learned before =
        BenchmarkFolder.read(folder.begun(entry, set, control), Learned.class)
            .orElse(new Learned(0, 0));
    long begun = System.nanoTime();
    RunFolder run = folder.run(entry, set, control);
    boolean finished =
        plan().entry(entry).trees()
            ? grow(task, set, control, run, line)
            : train(plan().entry(entry), task, set, control, run, line);
    double seconds = before.seconds() + (System.nanoTime() - begun) / 1e9;
    BenchmarkFolder.write(
        finished ? folder.learned(entry, set, control) : folder.begun(entry, set, control),
        new Learned(seconds, finished ? parameters(entry, run) : 0));
    return finished;
  }

  private long parameters(String entry, RunFolder run) {
    if (plan().entry(entry).trees()) {
      return 0;
    }
    try (TrainedClassifier model = TrainedClassifier.read(device, run.path())) {
      return model.parameters();
    }
  }

  private boolean train(
      Entry entry, Task task, String set, boolean control, RunFolder run, Progress line) {
    Path dataset = control ? data.control(set) : data.file(set);
    return new TrainingRun(host, device, run)
        .train(FinetuneConfig.class, () -> config(run, entry, task, set), dataset, line)
        .finished();
  }

  private FinetuneConfig config(RunFolder run, Entry entry, Task task, String set) {
    int labels = plan().set(set).labels();
    Map<String, Object> all = new LinkedHashMap<>(plan().shared());
    all.putAll(Objects.requireNonNull(entry.settings()));
    if (labels > 0 && labels <= BenchmarkPlan.FEW) {
      all.putAll(plan().few());
    }
    if (data.scale() == Scale.TINY) {
      all.putAll(TINY);
    }
    all.put("seed", SEED);
    // Nothing is chosen by clusters held out, so that all labels are learned from.
    all.put("held-out", 0);
    all.put("labels", task.classified() ? "particle" : "none");
    all.put("balance", task.classified());
    all.put("classes", String.join(",", task.classes()));
    all.put("targets", String.join(",", task.targets()));
    RunFolders.create(run.path());
    Path settings = run.path().resolve("settings.yaml");
    RunFolders.write(settings, StudyPlan.yaml(all));
    return RunConfig.readYaml(settings, FinetuneConfig.class);
  }

  private static Path trees(RunFolder run, int number) {
    return run.path().resolve("trees-" + number + ".ubj");
  }

  private boolean grow(Task task, String set, boolean control, RunFolder run, Progress line) {
    BenchmarkData.Clusters clusters = data.readTraining(set, control, host.cancelling(line));
    ClusterTable table = clusters.table();
    int[] rows = IntStream.range(0, table.count()).toArray();
    SensorShape sensor = data.sensor(set);
    RunFolders.create(run.path());
    if (task.classified()) {
      int[] labels = clusters.labels(task.classes());
      FeatureBaseline trees =
          FeatureBaseline.fit(
              table, rows, labels, task.classes().size(), sensor, SEED, options(true));
      write(trees(run, 0), trees.model());
    } else {
      TaskTruth truth = TaskTruth.of(task, clusters);
      for (int t = 0; t < task.targets().size(); t++) {
        TargetScale scale = scale(task, t);
        float[] values = truth.values().get(t);
        double[] wanted = new double[values.length];
        Arrays.setAll(wanted, i -> scale.comparable(values[i]));
        write(
            trees(run, t),
            FeatureRegression.fit(table, rows, wanted, sensor, SEED, options(false)).model());
        host.check();
      }
    }
    return true;
  }

  // Scores count all classes alike, so trees are grown on classes that count the same.
  private static BaselineOptions options(boolean balanced) {
    return BaselineOptions.DEFAULT.withBalanced(balanced);
  }

  private static TargetScale scale(Task task, int target) {
    return TargetScale.of(RegressionTarget.named(task.targets().get(target)));
  }

  private static void write(Path file, byte[] model) {
    RunFolders.writing(file, () -> AtomicFile.write(file, model));
  }

  /// Returns what an entry, which has learned from a set, makes of clusters: (clusters, columns).
  float[][] predict(
      String entry, Task task, String set, boolean control, ClusterTable table, Progress line) {
    RunFolder run = folder.run(learner(entry), set, control);
    return plan().entry(entry).trees()
        ? byTrees(task, set, run, table)
        : byNetwork(plan().entry(entry), task, run, table, line);
  }

  private float[][] byTrees(Task task, String set, RunFolder run, ClusterTable table) {
    int[] rows = IntStream.range(0, table.count()).toArray();
    SensorShape sensor = data.sensor(set);
    BaselineOptions options = options(task.classified());
    if (task.classified()) {
      // The names of the columns tell the importance of features, which is not asked for here.
      return new FeatureBaseline(
              sensor, task.classes().size(), options, List.of(), read(trees(run, 0)))
          .probabilities(table, rows);
    }
    float[][] predicted = new float[rows.length][task.targets().size()];
    for (int t = 0; t < task.targets().size(); t++) {
      float[] values =
          new FeatureRegression(sensor, options, read(trees(run, t))).values(table, rows);
      // Energies are learned as decimal logarithms.
      boolean logarithmic = scale(task, t).comparable(10) == 1;
      for (int i = 0; i < values.length; i++) {
        predicted[i][t] = logarithmic ? (float) Math.pow(10, values[i]) : values[i];
      }
    }
    return predicted;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  private float[][] byNetwork(
      Entry entry, Task task, RunFolder run, ClusterTable table, Progress line) {
    float[][] predicted = new float[table.count()][];
    int step = 16 * BATCH;
    try (TrainedClassifier model = TrainedClassifier.read(device, run.path());
        Predictor predictor =
            model.predictor(BATCH, Objects.requireNonNullElse(entry.symmetries(), 1))) {
      for (int first = 0; first < predicted.length; first += step) {
        host.check();
        int end = Math.min(first + step, predicted.length);
        ClassifierOutputs outputs = predictor.predict(table, IntStream.range(first, end).toArray());
        for (int i = 0; i < outputs.count(); i++) {
          predicted[first + i] = task.classified() ? outputs.probabilities(i) : values(outputs, i);
        }
        line.update(end, predicted.length, "clusters", "predicting");
      }
    }
    return predicted;
  }

  private static float[] values(ClassifierOutputs outputs, int cluster) {
    float[] values = new float[outputs.targets().size()];
    for (int t = 0; t < values.length; t++) {
      values[t] = outputs.value(cluster, t);
    }
    return values;
  }
}
