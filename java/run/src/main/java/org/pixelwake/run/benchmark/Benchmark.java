package org.pixelwake.run.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Host;
import org.pixelwake.run.Piece;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.benchmark.BenchmarkFolder.Cost;
import org.pixelwake.run.benchmark.BenchmarkFolder.Learned;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;
import org.pixelwake.run.benchmark.BenchmarkPlan.Task;

/// Runs Pixelwake's own entries on the tasks of the benchmark, one piece after the other. A piece
/// that has left its result is not done again; a training that was stopped goes on from its last
/// checkpoint, to the same bits.
public final class Benchmark {
  private final Host host;
  private final Device device;
  private final BenchmarkFolder folder;
  private final BenchmarkPlan plan;
  private final BenchmarkData data;
  private final EntryRun runs;

  /// @param host shows the progress and says when to stop
  /// @param plan tasks and entries that are run
  /// @param scale of the sets
  public Benchmark(
      Host host, Device device, BenchmarkFolder folder, BenchmarkPlan plan, Scale scale) {
    this.host = host;
    this.device = device;
    this.folder = folder;
    this.plan = plan;
    data = new BenchmarkData(plan, scale, folder.data());
    runs = new EntryRun(host, device, folder, data);
  }

  /// Does all that is not done.
  ///
  /// @return false where it was asked to stop
  public boolean run() {
    return Piece.run(host, pieces());
  }

  private List<Piece> pieces() {
    Map<Path, Piece> pieces = new LinkedHashMap<>();
    for (String set : plan.needed()) {
      add(
          pieces,
          "clusters of " + set,
          data.file(set),
          line -> data.make(set, device.threads(), host.cancelling(line)));
    }
    add(pieces, "list of tasks", data.folder().resolve("tasks.json"), line -> data.writeIndex());
    plan.tasks()
        .forEach((name, task) ->
            plan.entries()
                .forEach((entry, one) -> {
                  if (one.enters(name)) {
                    add(pieces, entry, name, task, false);
                    if (one.control()) {
                      add(pieces, entry, name, task, true);
                    }
                  }
                }));
    return List.copyOf(pieces.values());
  }

  /// Work that is done when it returns.
  private interface Work {
    void run(Progress line);
  }

  private static void add(Map<Path, Piece> pieces, String name, Path done, Work work) {
    pieces.putIfAbsent(
        done,
        new Piece(
            name,
            done,
            line -> {
              work.run(line);
              return true;
            }));
  }

  private void add(Map<Path, Piece> pieces, String entry, String name, Task task, boolean control) {
    String learner = runs.learner(entry);
    String title = control ? "control of " : "";
    for (String set : task.train()) {
      if (control) {
        add(
            pieces,
            "control of " + set,
            data.control(set),
            line -> data.makeControl(set, host.cancelling(line)));
      }
      Path learned = folder.learned(learner, set, control);
      pieces.putIfAbsent(
          learned,
          new Piece(
              title + learner + " learns " + set,
              learned,
              line -> runs.learn(learner, task, set, control, line)));
    }
    add(
        pieces,
        title + entry + " in " + name,
        folder.result(entry, name, control),
        line -> measure(entry, name, task, control, line));
  }

  private void measure(String entry, String name, Task task, boolean control, Progress line) {
    BenchmarkData.Clusters test = data.read(task.test(), host.cancelling(line));
    TaskTruth truth = TaskTruth.of(task, test);
    long begun = System.nanoTime();
    List<float[][]> draws = new ArrayList<>();
    for (String set : task.train()) {
      draws.add(runs.predict(entry, task, set, control, test.table(), line));
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    if (control) {
      int[] dealt = BenchmarkData.dealt(test.table().count(), plan.set(task.test()).seed());
      BenchmarkFolder.write(
          folder.result(entry, name, true),
          ControlScore.of(task, name, entry, truth.dealt(dealt), draws));
      return;
    }
    Path predictions = folder.predictions(entry, name);
    RunFolders.create(Objects.requireNonNull(predictions.toAbsolutePath().getParent()));
    PredictionFile.write(predictions, plan, task, draws);
    BenchmarkFolder.write(folder.cost(entry, name), cost(entry, task, seconds, test));
    BenchmarkFolder.write(
        folder.result(entry, name, false), TaskScores.of(plan, name, entry, truth, draws));
  }

  private Cost cost(String entry, Task task, double seconds, BenchmarkData.Clusters test) {
    double train = 0;
    long parameters = 0;
    for (String set : task.train()) {
      Learned learned =
          BenchmarkFolder.read(folder.learned(runs.learner(entry), set, false), Learned.class)
              .orElseThrow();
      train += learned.seconds();
      parameters = learned.parameters();
    }
    return new Cost(train, seconds, (long) test.table().count() * task.train().size(), parameters);
  }

  /// Judges predictions of anyone.
  ///
  /// @param predictions Parquet file
  /// @param name of the task
  /// @param entry whose they are
  /// @throws InputException where they are not predictions of the task's test set
  public TaskScores score(Path predictions, String name, String entry) {
    Task task = plan.task(name);
    try (Host.Shown line = host.progress("scoring")) {
      data.make(task.test(), device.threads(), host.cancelling(line));
      BenchmarkData.Clusters test = data.read(task.test(), host.cancelling(line));
      List<float[][]> draws = PredictionFile.read(predictions, plan, task, test.table().count());
      return TaskScores.of(plan, name, entry, TaskTruth.of(task, test), draws);
    }
  }

  /// Puts the scores of an entry that is none of Pixelwake's own among the results of the folder.
  public void keep(TaskScores scores) {
    BenchmarkFolder.write(folder.result(scores.entry(), scores.task(), false), scores);
  }
}
