package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.group.Group;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.Split;

@Tag("slow")
class FinetuningTest {
  private static final String TINY = "efficientnet_w0.1_d0.1";

  @TempDir Path folder;

  /// What a run told.
  private static final class Told implements Training.Listener<Finetuning.Losses, HeldOutScores> {
    final List<Finetuning.Losses> steps = new ArrayList<>();
    final List<HeldOutScores> evaluations = new ArrayList<>();
    final List<Long> evaluatedSteps = new ArrayList<>();

    @Override
    public void onStep(long step, long total, Finetuning.Losses losses, double rate) {
      steps.add(losses);
    }

    @Override
    public void onEvaluation(long step, HeldOutScores scores) {
      evaluations.add(scores);
      evaluatedSteps.add(step);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TINY, "small_cnn", "hits_w16_d2"})
  void linesAndBlobsAreLearned(String arch) {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 400, 4);
    FinetuneConfig config = config();
    config.arch = arch;
    config.steps = 120;
    config.balance = true;
    Told told = new Told();
    Training.Outcome<Finetuning.Losses, HeldOutScores> outcome =
        run(dataset, folder.resolve("run"), config, told, 2);
    HeldOutScores scores = Objects.requireNonNull(outcome.evaluation());
    assertTrue(scores.balancedAccuracy() > 0.95, scores::toString);
    assertEquals(120, outcome.modelStep());
    // The file says the same, and of every cluster by itself.
    FinetuneData data = FinetuneData.load(dataset, config, Progress.NONE);
    try (Device device = device(1);
        TrainedClassifier model = TrainedClassifier.read(device, folder.resolve("run"));
        Predictor single = model.predictor(1);
        Predictor many = model.predictor(7)) {
      assertEquals(List.of("muon", "alpha"), model.classes());
      ClassifierOutputs one = single.predict(data.table(), data.heldOut());
      ClassifierOutputs all = many.predict(data.table(), data.heldOut());
      int right = 0;
      for (int i = 0; i < one.count(); i++) {
        assertArrayEquals(one.probabilities(i), all.probabilities(i), 1e-5f);
        assertEquals(1, one.probabilities(i)[0] + one.probabilities(i)[1], 1e-6);
        right += one.best(i) == data.labels().of(data.heldOut()[i]) ? 1 : 0;
      }
      assertEquals(scores.accuracy(), (double) right / one.count(), 1e-12);
      float[][] features = many.embed(data.table(), data.heldOut());
      assertEquals(data.heldOut().length, features.length);
      assertEquals(model.features(), features[0].length);
      assertArrayEquals(features[3], single.embed(data.table(), data.heldOut())[3], 1e-5f);
    }
  }

  @Test
  void everyEncodingLearnsAtTheDetectorsResolution() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 400, 4);
    for (String encoding : List.of("log", "linear", "all")) {
      FinetuneConfig config = config();
      config.arch = TINY;
      config.steps = 120;
      config.balance = true;
      config.energyEncoding = encoding;
      config.toaScale = 0;
      config.maxScale = 1;
      config.stemStride = 1;
      config.pool = encoding.equals("all") ? "hits" : "";
      Path run = folder.resolve(encoding);
      HeldOutScores scores =
          Objects.requireNonNull(run(dataset, run, config, new Told(), 2).evaluation());
      assertTrue(scores.balancedAccuracy() > 0.9, () -> encoding + " " + scores);
      try (Device device = device(1);
          TrainedClassifier model = TrainedClassifier.read(device, run)) {
        assertEquals(encoding, model.config().energyEncoding);
        assertEquals(1, model.config().stemStride);
        assertEquals(encoding.equals("all") ? "hits" : "canvas", model.config().pool);
      }
    }
  }

  @Test
  void networksOverHitsAreNotHalfAsPrecise() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 60, 4);
    FinetuneConfig config = config();
    config.arch = "hits_w8_d1";
    config.precision = "bf16";
    InputException e =
        assertThrows(
            InputException.class, () -> run(dataset, folder.resolve("run"), config, new Told(), 1));
    assertTrue(e.getMessage().contains("--precision f32"), e.getMessage());
  }

  // Whether its image has equal margins left and right, and above and below.
  private static boolean centred(Cluster cluster, FinetuneConfig config) {
    int w = extent(cluster.x());
    int h = extent(cluster.y());
    int scale = Math.min(config.maxScale, config.side / Math.max(w, h));
    return w != h && (config.side - w * scale) % 2 == 0 && (config.side - h * scale) % 2 == 0;
  }

  private static int extent(short[] values) {
    IntSummaryStatistics range =
        IntStream.range(0, values.length).map(i -> values[i]).summaryStatistics();
    return range.getMax() - range.getMin() + 1;
  }

  @Test
  void aTurnedClusterIsTheSameToAllSymmetriesTogether() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 100, 4);
    FinetuneConfig config = config();
    config.steps = 40;
    config.arch = "small_cnn";
    config.targets = "primary_energy_mev,phi_deg";
    run(dataset, folder.resolve("run"), config, new Told(), 2);
    ClusterTable tracks = FinetuneData.load(dataset, config, Progress.NONE).table();
    Cluster cluster =
        IntStream.range(0, tracks.count())
            .mapToObj(tracks::cluster)
            .filter(c -> centred(c, config))
            .findFirst()
            .orElseThrow();
    short[] turned = new short[cluster.size()];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = (short) (200 - cluster.y()[i]);
    }
    // A quarter turn: what points along a row points along a column.
    Cluster quarter = new Cluster(0, 0, turned, cluster.x(), cluster.energy(), cluster.toa());
    ClusterTable table = ClusterTable.of(List.of(cluster, quarter), 0);
    int[] both = {0, 1};
    try (Device device = device(1);
        TrainedClassifier model = TrainedClassifier.read(device, folder.resolve("run"));
        Predictor once = model.predictor(2);
        Predictor eight = model.predictor(2, 8)) {
      ClassifierOutputs plain = once.predict(table, both);
      ClassifierOutputs mean = eight.predict(table, both);
      assertNotEquals(plain.outputs()[0][0], plain.outputs()[1][0], 1e-4f);
      assertArrayEquals(mean.probabilities(0), mean.probabilities(1), 1e-5f);
      assertEquals(1, mean.probabilities(0)[0] + mean.probabilities(0)[1], 1e-6);
      assertEquals(mean.value(0, 0), mean.value(1, 0), 1e-4f * mean.value(0, 0));
      assertEquals(
          90, Math.IEEEremainder(mean.value(1, 1) - mean.value(0, 1), 360), 0.1, "azimuth");
    }
    InputException refused;
    try (Device device = device(1);
        TrainedClassifier model = TrainedClassifier.read(device, folder.resolve("run"))) {
      refused = assertThrows(InputException.class, () -> model.predictor(2, 3));
    }
    assertTrue(refused.getMessage().contains("--symmetries 3"), refused::getMessage);
  }

  @Test
  void azimuthIsLearnedFromTurnedImages() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 400, 400);
    FinetuneConfig config = config();
    config.labels = "none";
    config.targets = "phi_deg";
    config.steps = 250;
    config.arch = "small_cnn";
    Training.Outcome<Finetuning.Losses, HeldOutScores> outcome =
        run(dataset, folder.resolve("run"), config, new Told(), 2);
    HeldOutScores scores = Objects.requireNonNull(outcome.evaluation());
    // Guessing is wrong by 90 degrees. The images are turned in training, and the labels with them.
    assertTrue(scores.errors().getFirst() < 30, scores::toString);
    assertTrue(Double.isNaN(scores.accuracy()), scores::toString);
  }

  @Test
  void resumedRunEndsInTheSameBits() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 90, 3);
    FinetuneConfig config = config();
    config.steps = 14;
    config.evaluateEvery = 3;
    config.patience = 4;
    config.balance = true;
    config.targets = "primary_energy_mev,phi_deg,deposited_kev";
    config.classWeights = "balanced";
    config.labelSmoothing = 0.1f;
    Told whole = new Told();
    Training.Outcome<Finetuning.Losses, HeldOutScores> expected =
        run(dataset, folder.resolve("whole"), config.copy(FinetuneConfig.class), whole, 2);
    Told parts = new Told();
    Path run = folder.resolve("parts");
    FinetuneData data = FinetuneData.load(dataset, config, Progress.NONE);
    try (Device device = device(2);
        var first = Training.start(device, new Finetuning(config, data), run, Group.single())) {
      assertFalse(first.run(parts, () -> parts.steps.size() == 7).finished());
    }
    var from = Training.resumable(run, FinetuneConfig.class);
    assertEquals(7, from.step());
    FinetuneData again = FinetuneData.load(from.dataset(), from.config(), Progress.NONE);
    Training.Outcome<Finetuning.Losses, HeldOutScores> outcome;
    // Another number of threads, because that must not matter either.
    try (Device device = device(1);
        var second =
            Training.resume(device, new Finetuning(from.config(), again), run, Group.single())) {
      outcome = second.run(parts, () -> false);
    }
    assertTrue(outcome.finished());
    assertEquals(whole.steps, parts.steps);
    assertEquals(whole.evaluations, parts.evaluations);
    assertEquals(expected.modelStep(), outcome.modelStep());
    assertEquals(expected.evaluation(), outcome.evaluation());
    assertArrayEquals(bytes(folder.resolve("whole")), bytes(run));
  }

  @Test
  void frozenEncoderKeepsEveryBit() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 90, 3);
    Path pretrained = pretrain(dataset);
    FinetuneConfig config = new FinetuneConfig();
    config.model = pretrained.toString();
    config.frozen = true;
    config.steps = 8;
    config.batch = 8;
    config.learningRate = 0.05;
    Told told = new Told();
    run(dataset, folder.resolve("run"), config, told, 2);
    assertEquals(TINY, config.arch);
    assertEquals(32, config.side);
    assertTrue(told.steps.getLast().total() != told.steps.getFirst().total());
    TensorMap before = Safetensors.read(Training.model(pretrained));
    TensorMap after = Safetensors.read(Training.model(folder.resolve("run")));
    int compared = 0;
    for (String name : after.names()) {
      if (name.startsWith("features.")) {
        assertArrayEquals(before.get(name).toFloats(), after.get(name).toFloats(), 0f, name);
        compared++;
      }
    }
    assertTrue(compared > 20, () -> "names: " + after.names());
  }

  @ParameterizedTest
  @ValueSource(strings = {"canvas", "hits"})
  void encoderOfAPretrainedModelIsTaken(String pool) {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 90, 3);
    Path pretrained = pretrain(dataset, pool);
    FinetuneConfig config = config();
    config.arch = "";
    config.side = 0;
    config.model = pretrained.toString();
    Finetuning task = Finetuning.load(dataset, config, Progress.NONE);
    FinetuneData data = task.data();
    try (Device device = device(2);
        var run = Training.start(device, task, folder.resolve("run"), Group.single());
        Trained model = Trained.read(device, pretrained)) {
      assertEquals(model.config().energyScale, config.energyScale);
      assertEquals(model.config().toaScale, config.toaScale);
      assertEquals(pool, config.pool);
      int[] rows = task.evaluated();
      run.run(new Told(), () -> true);
      try (Trained copied = Trained.read(device, folder.resolve("run"));
          Predictor expected = model.predictor(8);
          Predictor found = copied.predictor(8)) {
        float[][] features = expected.embed(data.table(), rows);
        float[][] same = found.embed(data.table(), rows);
        for (int i = 0; i < rows.length; i++) {
          assertArrayEquals(features[i], same[i], 0f);
        }
        assertThrows(IllegalStateException.class, () -> expected.predict(data.table(), rows));
      }
    }
  }

  /// The first step of AdamW moves every weight by its learning rate, whatever the gradient.
  @Test
  void lowerStagesLearnMoreSlowly() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 60, 2);
    double[] whole = firstChange(dataset, 1);
    double[] decayed = firstChange(dataset, 0.5);
    // Stem, last convolution, head: nine stages, the head is above them.
    assertEquals(Math.pow(0.5, 9), decayed[0] / whole[0], 1e-3);
    assertEquals(0.5, decayed[1] / whole[1], 1e-2);
    assertEquals(1, decayed[2] / whole[2], 1e-6);
  }

  private double[] firstChange(Path dataset, double decay) {
    FinetuneConfig config = config();
    config.steps = 1;
    config.warmup = 0;
    config.finalRate = 1;
    config.learningRate = 0.1;
    config.ema = 0;
    config.weightDecay = 0;
    config.dropPath = 0;
    config.layerDecay = decay;
    FinetuneData data = FinetuneData.load(dataset, config, Progress.NONE);
    Path before = folder.resolve("before" + decay);
    Path after = folder.resolve("after" + decay);
    try (Device device = device(2)) {
      try (var run = Training.start(device, new Finetuning(config, data), before, Group.single())) {
        run.run(new Told(), () -> true);
      }
      try (var run = Training.start(device, new Finetuning(config, data), after, Group.single())) {
        run.run(new Told(), () -> false);
      }
    }
    TensorMap start = Safetensors.read(Training.model(before));
    TensorMap end = Safetensors.read(Training.model(after));
    return List.of("features.0.0.weight", "features.8.0.weight", "classifier.1.weight").stream()
        .mapToDouble(name -> change(start, end, name))
        .toArray();
  }

  private static double change(TensorMap start, TensorMap end, String name) {
    float[] a = start.get(name).toFloats();
    float[] b = end.get(name).toFloats();
    double[] changes =
        IntStream.range(0, a.length).mapToDouble(i -> Math.abs(b[i] - (double) a[i])).toArray();
    Arrays.sort(changes);
    // Of the largest ones: a gradient that is nearly 0 moves a weight by less.
    return changes[changes.length * 3 / 4];
  }

  @Test
  void endOfPatienceRestoresTheBestState() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 120, 2);
    FinetuneConfig config = config();
    config.steps = 200;
    config.evaluateEvery = 2;
    config.patience = 3;
    // Wild steps, after which nothing stays good.
    config.learningRate = 3;
    config.clipNorm = 0;
    config.ema = 0;
    config.warmup = 0.2;
    Told told = new Told();
    Training.Outcome<Finetuning.Losses, HeldOutScores> outcome =
        run(dataset, folder.resolve("run"), config, told, 2);
    assertTrue(outcome.finished());
    assertTrue(outcome.step() < 200, outcome::toString);
    double[] losses = told.evaluations.stream().mapToDouble(HeldOutScores::loss).toArray();
    // The start does not count.
    int best = 1;
    for (int i = 1; i < losses.length; i++) {
      best = losses[i] < losses[best] ? i : best;
    }
    assertEquals(losses.length - 1, best + 3, () -> Arrays.toString(losses));
    assertEquals(told.evaluatedSteps.get(best), outcome.modelStep());
    assertEquals(told.evaluations.get(best), outcome.evaluation());
    try (Device device = device(2);
        TrainedClassifier model = TrainedClassifier.read(device, folder.resolve("run"));
        Predictor predictor = model.predictor(32)) {
      assertEquals(outcome.modelStep(), model.step());
      FinetuneData data = FinetuneData.load(dataset, config, Progress.NONE);
      ClassifierOutputs predictions = predictor.predict(data.table(), data.heldOut());
      assertEquals(
          losses[best], HeldOutScores.of(predictions, data, data.heldOut(), config).loss(), 1e-9);
    }
  }

  /// What the host computes of held-out clusters is the loss of the kernel: with an encoder in
  /// evaluation mode and nothing random, training sees what evaluation sees.
  @Test
  void heldOutLossIsThatOfTraining() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 90, 3);
    Path pretrained = pretrain(dataset);
    FinetuneConfig config = new FinetuneConfig();
    config.model = pretrained.toString();
    config.frozen = true;
    config.dropout = 0;
    config.augment = false;
    config.batch = 16;
    config.ema = 0;
    config.targets = "primary_energy_mev,deposited_kev,phi_deg";
    config.classWeights = "balanced";
    config.labelSmoothing = 0.2f;
    config.huberDelta = 0.5f;
    config.valuePart = 0.7f;
    config.validate();
    Finetuning task = Finetuning.load(dataset, config, Progress.NONE);
    FinetuneData data = task.data();
    int[] rows = Arrays.copyOf(data.train(), 16);
    try (Device device = device(2);
        var run = Training.start(device, task, folder.resolve("run"), Group.single())) {
      HeldOutScores scores = HeldOutScores.of(task.predict(rows), data, rows, config);
      Finetuning.Losses losses = run.training().run(rows, 1, 0);
      assertEquals(losses.total(), scores.loss(), 1e-5);
      assertEquals(losses.classes(), scores.classLoss(), 1e-5);
      assertEquals(losses.values(), scores.valueLoss(), 1e-5);
      assertEquals(losses.accuracy(), scores.accuracy(), 1e-6);
    }
  }

  @Test
  void partsOfTheTrainingClustersAreNested() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 200, 4);
    FinetuneConfig config = config();
    FinetuneData whole = FinetuneData.load(dataset, config, Progress.NONE);
    config.trainShare = 0.5;
    FinetuneData half = FinetuneData.load(dataset, config, Progress.NONE);
    config.trainShare = 0.1;
    FinetuneData tenth = FinetuneData.load(dataset, config, Progress.NONE);
    assertArrayEquals(whole.heldOut(), tenth.heldOut());
    assertEquals(Math.round(0.1 * whole.trainCounts()[1]), tenth.trainCounts()[1]);
    List<Integer> larger = Arrays.stream(half.train()).boxed().toList();
    assertTrue(Arrays.stream(tenth.train()).allMatch(larger::contains));
  }

  @Test
  void labelsAreCountedAndDividedOnceMore() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 200, 4);
    FinetuneConfig config = config();
    FinetuneData whole = FinetuneData.load(dataset, config, Progress.NONE);
    config.trainLabels = 30;
    FinetuneData thirty = FinetuneData.load(dataset, config, Progress.NONE);
    config.trainLabels = 12;
    FinetuneData twelve = FinetuneData.load(dataset, config, Progress.NONE);
    assertArrayEquals(whole.heldOut(), twelve.heldOut());
    assertEquals(30, thirty.train().length, 1);
    assertEquals(12, twelve.train().length, 1);
    List<Integer> larger = Arrays.stream(thirty.train()).boxed().toList();
    assertTrue(Arrays.stream(twelve.train()).allMatch(larger::contains));
    // Every class is in both parts, however few there are, and held-out clusters are in none.
    Split.Parts inner = twelve.inner(config, 0.2);
    List<Integer> both = new ArrayList<>(Arrays.stream(inner.train()).boxed().toList());
    both.addAll(Arrays.stream(inner.heldOut()).boxed().toList());
    assertEquals(Set.copyOf(Arrays.stream(twelve.train()).boxed().toList()), Set.copyOf(both));
    assertEquals(twelve.train().length, both.size());
    for (int[] part : List.of(inner.train(), inner.heldOut())) {
      assertTrue(Arrays.stream(twelve.labels().counts(part)).allMatch(count -> count > 0));
    }
    config.trainLabels = 10_000;
    InputException refused =
        assertThrows(InputException.class, () -> FinetuneData.load(dataset, config, Progress.NONE));
    assertTrue(refused.getMessage().contains("is more than the"), refused.getMessage());
    config.trainShare = 0.5;
    assertThrows(InputException.class, config::validate);
  }

  @Test
  void whatCannotBeLearnedIsRefused() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 60, 3);
    refused(dataset, "no particle has that name", c -> c.classes = "quark,muon");
    refused(dataset, "there is muon alone", c -> c.classes = "muon");
    refused(dataset, "no quantity of the truth", c -> c.targets = "charge");
    refused(dataset, "is unknown", c -> c.labels = "sources");
    refused(dataset, "needs --classes", c -> c.labels = "source");
    refused(dataset, "nothing to learn without", c -> c.labels = "none");
    refused(dataset, "would keep a random encoder", c -> c.frozen = true);
    refused(dataset, "--patience", c -> c.patience = -1);
  }

  private static void refused(Path dataset, String part, Consumer<FinetuneConfig> change) {
    FinetuneConfig config = config();
    change.accept(config);
    InputException e =
        assertThrows(
            InputException.class,
            () -> {
              config.validate();
              FinetuneData.load(dataset, config, Progress.NONE);
            });
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void modelsOfOtherKindsAreRefused() {
    Path dataset = MadeUpTracks.write(folder.resolve("data.parquet"), 60, 3);
    Path pretrained = pretrain(dataset);
    assertTrue(
        assertThrows(
                InputException.class, () -> Training.resumable(pretrained, FinetuneConfig.class))
            .getMessage()
            .contains("pixelwake finetune"));
    try (Device device = device(1)) {
      assertThrows(InputException.class, () -> TrainedClassifier.read(device, pretrained));
    }
    FinetuneConfig config = config();
    config.arch = "efficientnet_b1";
    config.model = pretrained.toString();
    InputException e =
        assertThrows(InputException.class, () -> FinetuneData.load(dataset, config, Progress.NONE));
    assertTrue(e.getMessage().contains("is not that of the model"), e.getMessage());
  }

  private Path pretrain(Path dataset) {
    return pretrain(dataset, "canvas");
  }

  private Path pretrain(Path dataset, String pool) {
    PretrainConfig config = new PretrainConfig();
    config.pool = pool;
    config.arch = TINY;
    config.side = 32;
    config.batch = 6;
    config.steps = 3;
    config.minBin = 5;
    config.pictures = 0;
    Path run = folder.resolve("pretrained");
    TrainingData data = TrainingData.load(dataset, config, Progress.NONE);
    try (Device device = device(2);
        var training = Training.start(device, new Pretraining(config, data), run, Group.single())) {
      assertTrue(training.run(new Training.Listener<>() {}, () -> false).finished());
    }
    return run;
  }

  private static Training.Outcome<Finetuning.Losses, HeldOutScores> run(
      Path dataset, Path run, FinetuneConfig config, Told told, int threads) {
    config.validate();
    FinetuneData data = FinetuneData.load(dataset, config, Progress.NONE);
    try (Device device = device(threads);
        var training = Training.start(device, new Finetuning(config, data), run, Group.single())) {
      Training.Outcome<Finetuning.Losses, HeldOutScores> outcome = training.run(told, () -> false);
      assertTrue(outcome.finished());
      assertNotNull(outcome.evaluation());
      return outcome;
    }
  }

  private static Device device(int threads) {
    return Device.open(Backend.load("cpu"), 0, threads, Device.Isa.BEST);
  }

  private static FinetuneConfig config() {
    FinetuneConfig config = new FinetuneConfig();
    config.arch = TINY;
    config.side = 32;
    config.batch = 12;
    config.heldOut = 0.25;
    config.learningRate = 5e-3;
    config.ema = 0.9;
    config.validate();
    return config;
  }

  private static byte[] bytes(Path run) {
    try {
      return Files.readAllBytes(Training.model(run));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
