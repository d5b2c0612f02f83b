package org.pixelwake.run.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Host;
import org.pixelwake.run.Piece;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.TrainingRun;
import org.pixelwake.run.data.Simulation;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.timepix.features.SensorShape;
import org.pixelwake.timepix.simulation.Setup;
import org.pixelwake.training.ClassifierOutputs;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.RunConfig;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.Training;
import org.pixelwake.training.baseline.BaselineOptions;
import org.pixelwake.training.baseline.FeatureBaseline;
import org.pixelwake.training.baseline.TreeTuning;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.target.Labels;

/// Does what a plan says, one piece after the other. A piece that has left its result is not done
/// again; a training that was stopped goes on from its last checkpoint, to the same bits.
///
/// @param host shows the progress and says when to stop
public record Study(Host host, StudyFolder folder, StudyPlan plan, Device device) {
  private static final int BATCH = 64;

  /// The sensor of SATRAM.
  static final SensorShape SENSOR = new SensorShape(256, 256, 55, 300);

  /// The result of a pretraining; loss and overlap are those of held-out clusters.
  record PretrainResult(long steps, double loss, double clusterIou) {}

  /// Does all that is not done.
  ///
  /// @return false where it was asked to stop
  public boolean run() {
    return Piece.run(host, pieces());
  }

  /// Writes the report.
  public void report() {
    StudyFigures.write(folder, plan, device);
  }

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    plan.data()
        .forEach((name, data) -> {
          if (data.preset() != null) {
            pieces.add(simulated(name, data, false));
            if (data.tested()) {
              pieces.add(simulated(name, data, true));
            }
          }
        });
    // All of one seed before the next: an early look at the report shows every variation.
    for (long seed : plan.seeds()) {
      each(pieces, "pretraining", "pretrain", plan.pretrainings(), seed, this::pretrain);
      each(pieces, "finetuning", "finetune", plan.variations(), seed, this::finetune);
      each(pieces, "baseline", "baseline", plan.baselines(), seed, this::baseline);
    }
    StudyFeatures features = new StudyFeatures(folder, plan, device, host);
    for (long seed : plan.seeds()) {
      if (features.possible()) {
        pieces.add(
            new Piece(
                "features, seed " + seed,
                folder.result("features", "map", seed),
                line -> features.run(seed, line)));
      }
    }
    return pieces;
  }

  private interface Run<T> {
    boolean run(String name, T one, long seed, Progress line);
  }

  private <T> void each(
      List<Piece> pieces, String title, String kind, Map<String, T> all, long seed, Run<T> run) {
    all.forEach((name, one) ->
        pieces.add(
            new Piece(
                title + " " + name + ", seed " + seed,
                folder.result(kind, name, seed),
                line -> run.run(name, one, seed, line))));
  }

  private Piece simulated(String name, StudyPlan.Data data, boolean test) {
    Path to = folder.data(name, test);
    return new Piece(
        "simulating " + name + (test ? " to measure on" : ""),
        to,
        line -> {
          Setup setup = Setup.preset(String.valueOf(data.preset()));
          long seed = data.seedOf(test);
          long particles = test ? data.testParticles() : data.particles();
          RunFolders.create(folder.data());
          new Simulation(setup, particles, seed, device.threads()).write(to, host.cancelling(line));
          return true;
        });
  }

  /// The data set that a run of these data is trained or measured on.
  public static Path dataset(StudyFolder folder, StudyPlan plan, String name, boolean test) {
    StudyPlan.Data data = plan.data().get(name);
    if (data == null) {
      throw new IllegalStateException("the plan was checked: " + name);
    }
    if (data.preset() != null) {
      return folder.data(name, test);
    }
    return Path.of(String.valueOf(test ? data.test() : data.file()));
  }

  private Path settings(RunFolder run, Map<String, Object> all) {
    RunFolders.create(run.path());
    Path yaml = run.path().resolve("settings.yaml");
    RunFolders.write(yaml, StudyPlan.yaml(all));
    return yaml;
  }

  private <C extends RunConfig> Training.Outcome<?, ?> train(
      RunFolder run, Class<C> type, Map<String, Object> all, String data, Progress line) {
    return new TrainingRun(host, device, run)
        .train(
            type,
            () -> RunConfig.readYaml(settings(run, all), type),
            dataset(folder, plan, data, false),
            line);
  }

  private boolean pretrain(String name, StudyPlan.Pretrained one, long seed, Progress line) {
    RunFolder run = folder.pretraining(name, seed);
    Map<String, Object> all =
        StudyPlan.merged(plan.pretrain(), one.settings(), Map.of("seed", seed));
    Training.Outcome<?, ?> outcome = train(run, PretrainConfig.class, all, one.data(), line);
    if (outcome.finished()) {
      folder.write(
          "pretrain",
          name,
          seed,
          new PretrainResult(
              outcome.step(), last(run, "heldout_loss"), last(run, "heldout_cluster_iou")));
    }
    return outcome.finished();
  }

  private static double last(RunFolder run, String column) {
    double[] values = run.column(column).values();
    return values.length == 0 ? Double.NaN : values[values.length - 1];
  }

  private boolean finetune(String name, StudyPlan.Variation one, long seed, Progress line) {
    String network = one.network();
    if (network != null) {
      long steps = folder.read("finetune", network, seed, StudyScores.class).orElseThrow().steps();
      measure(name, one, folder.finetuning(network, seed), seed, steps);
      return true;
    }
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("seed", seed);
    String pretraining = one.pretraining();
    if (pretraining != null) {
      own.put("model", Training.model(folder.pretraining(pretraining, seed).path()).toString());
    }
    RunFolder run = folder.finetuning(name, seed);
    Map<String, Object> all = StudyPlan.merged(plan.finetune(), one.settings(), own);
    Training.Outcome<?, ?> outcome = train(run, FinetuneConfig.class, all, one.data(), line);
    if (!outcome.finished()) {
      return false;
    }
    measure(name, one, run, seed, outcome.modelStep());
    return true;
  }

  private void measure(String name, StudyPlan.Variation one, RunFolder run, long seed, long steps) {
    Path test = dataset(folder, plan, one.data(), true);
    try (TrainedClassifier model = TrainedClassifier.read(device, run.path());
        Predictor predictor =
            model.predictor(BATCH, Objects.requireNonNullElse(one.symmetries(), 1))) {
      Measured measured = Measured.read(test, model.config(), model.classes());
      ClassifierOutputs outputs = predictor.predict(measured.table, measured.rows);
      float[][] probabilities = new float[outputs.count()][];
      Arrays.setAll(probabilities, outputs::probabilities);
      write("finetune", name, seed, model.classes(), measured, probabilities, steps, null);
    }
  }

  private void write(
      String kind,
      String name,
      long seed,
      List<String> classes,
      Measured measured,
      float[][] probabilities,
      long steps,
      StudyScores.@Nullable Tuning tuning) {
    Predictions predictions = Predictions.of(measured.labels, probabilities);
    folder.write(
        kind,
        name,
        seed,
        StudyScores.of(seed, classes, predictions, measured.table, measured.rows, steps, tuning));
  }

  private boolean baseline(String name, StudyPlan.Baseline one, long seed, Progress line) {
    FinetuneConfig config =
        RunConfig.readYaml(
            settings(
                new RunFolder(folder.path().resolve("baseline").resolve(name)),
                StudyPlan.merged(plan.finetune(), one.settings(), Map.of("seed", seed))),
            FinetuneConfig.class);
    FinetuneData data =
        FinetuneData.load(dataset(folder, plan, one.data(), false), config, host.cancelling(line));
    // Measured on classes of equal size, as the networks are: what they are given in training, the
    // trees are given too.
    BaselineOptions options = BaselineOptions.DEFAULT.withBalanced(config.balance);
    TreeTuning tuning = one.tune() ? tuned(data, config, options, seed, line) : null;
    TreeTuning.Part train = part(data, data.train());
    FeatureBaseline trees =
        FeatureBaseline.fit(
            data.table(),
            train.rows(),
            train.labels(),
            data.classes().size(),
            SENSOR,
            seed,
            tuning == null ? options : tuning.chosen());
    Measured measured =
        Measured.read(dataset(folder, plan, one.data(), true), config, data.classes());
    float[][] probabilities = trees.probabilities(measured.table, measured.rows);
    StudyScores.Tuning told = tuning == null ? null : StudyScores.Tuning.of(tuning);
    write("baseline", name, seed, data.classes(), measured, probabilities, 0, told);
    return true;
  }

  private TreeTuning tuned(
      FinetuneData data, FinetuneConfig config, BaselineOptions options, long seed, Progress line) {
    Split.Parts inner = data.inner(config, TreeTuning.PART);
    return TreeTuning.of(
        data.table(),
        part(data, inner.train()),
        part(data, inner.heldOut()),
        data.classes().size(),
        SENSOR,
        seed,
        options,
        device.threads(),
        host.cancelling(line));
  }

  private static TreeTuning.Part part(FinetuneData data, int[] rows) {
    return new TreeTuning.Part(rows, Arrays.stream(rows).map(data::label).toArray());
  }

  /// Rows of a table to measure on, as many of each class, and their labels.
  record Measured(ClusterTable table, int[] rows, int[] labels) {
    private static final long SEED = 1;

    static Measured read(Path file, FinetuneConfig config, List<String> classes) {
      ClusterTable table;
      DatasetInfo info;
      try (DatasetReader reader = DatasetReader.open(file)) {
        info = reader.info();
        table = reader.loadAll(Progress.NONE);
      }
      Labels labels = FinetuneData.labels(file, info, table, config).withClasses(classes);
      int[] rows = labels.balanced(labels.rows(), SEED);
      if (rows.length == 0) {
        throw new InputException(
            file,
            "a class has no clusters to measure on",
            "Give more test-particles, or clusters of every class");
      }
      return new Measured(table, rows, Arrays.stream(rows).map(labels::of).toArray());
    }
  }
}
