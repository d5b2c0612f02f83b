package org.pixelwake.training;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongToIntFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.network.Network;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// The task of finetuning: an encoder, random or pretrained, learns the classes of clusters and to
/// measure what the truth holds of them.
public final class Finetuning extends TrainingTask<Finetuning.Losses, HeldOutScores> {
  /// The losses of a step.
  ///
  /// @param total weighted sum of the two parts
  /// @param classes cross-entropy
  /// @param values Huber's loss of the regressions
  /// @param accuracy part of this process's clusters whose class has the largest logit; NaN without
  ///   classes
  /// @param gradientNorm norm of all gradients before clipping
  public record Losses(
      double total, double classes, double values, double accuracy, double gradientNorm)
      implements StepLosses {}

  private static final List<MetricColumn<Losses>> STEP =
      List.of(
          new MetricColumn<>("loss", Losses::total),
          new MetricColumn<>("class_loss", Losses::classes),
          new MetricColumn<>("value_loss", Losses::values),
          new MetricColumn<>("accuracy", Losses::accuracy),
          new MetricColumn<>("gradient_norm", Losses::gradientNorm));

  private static final List<MetricColumn<HeldOutScores>> EVALUATION =
      List.of(
          new MetricColumn<>("heldout_loss", HeldOutScores::loss),
          new MetricColumn<>("heldout_class_loss", HeldOutScores::classLoss),
          new MetricColumn<>("heldout_value_loss", HeldOutScores::valueLoss),
          new MetricColumn<>("heldout_accuracy", HeldOutScores::accuracy),
          new MetricColumn<>("heldout_balanced_accuracy", HeldOutScores::balancedAccuracy));

  private static final String ENCODER = "features.";
  private static final Pattern STAGE = Pattern.compile("features\\.(\\d+)\\..*");
  private static final int EVALUATION_BATCH = 32;
  private static final int CORRECT = 2;

  private final FinetuneConfig config;
  private final FinetuneData data;
  private final int[] evaluated;
  private @Nullable ParameterStore store;
  private @Nullable Predictor predictor;

  /// @param config all filled in, as [FinetuneData#load] leaves it
  public Finetuning(FinetuneConfig config, FinetuneData data) {
    super(network(config, data.outputs()));
    this.config = config;
    this.data = data;
    evaluated = data.heldOutSample(config.evaluateClusters);
  }

  /// Loads a data set for it.
  ///
  /// @param config which is filled in from the model that it starts from and the data
  public static Finetuning load(Path dataset, FinetuneConfig config, Progress progress) {
    return new Finetuning(config, FinetuneData.load(dataset, config, progress));
  }

  static Network network(FinetuneConfig config, int outputs) {
    return Network.classifier(config.shape(config.dropout), outputs);
  }

  /// Returns the column of a target's mean absolute error on held-out clusters.
  public static String errorColumn(TargetScale target) {
    return "heldout_error_" + target.target().column();
  }

  @Override
  public FinetuneConfig config() {
    return config;
  }

  @Override
  public FinetuneData data() {
    return data;
  }

  @Override
  public List<MetricColumn<Losses>> stepColumns() {
    return STEP;
  }

  @Override
  public List<MetricColumn<HeldOutScores>> evaluationColumns() {
    List<MetricColumn<HeldOutScores>> columns = new ArrayList<>(EVALUATION);
    for (int t = 0; t < data.targets().size(); t++) {
      int target = t;
      columns.add(
          new MetricColumn<>(
              errorColumn(data.targets().get(t)), scores -> scores.errors().get(target)));
    }
    return columns;
  }

  /// Returns the held-out rows that are evaluated.
  public int[] evaluated() {
    return evaluated.clone();
  }

  /// Returns what the network makes of clusters now; after the end of a run, what the model does;
  /// of rank 0.
  public ClassifierOutputs predict(int[] rows) {
    if (predictor == null) {
      throw new IllegalStateException("only rank 0 predicts, while it trains");
    }
    settle();
    return predictor.predict(data.table(), rows);
  }

  @Override
  LongToIntFunction order() {
    return config.balance
        ? Shuffle.balanced(config.seed, data.labels(), data.train())
        : super.order();
  }

  @Override
  TracedLoss<Losses> trace(Graph graph, StagedBatch hits, Tensor step, int batch) {
    Network network = network();
    Tensor features = graph.intermediate("features", Storage.F32, batch, network.shape().top());
    Supplier<Tensor> encoder =
        () ->
            ClusterEncoder.trace(
                graph, network, config.images(true), hits.tensors(), step, features);
    if (config.frozen) {
      graph.trainable(name -> !name.startsWith(ENCODER));
    }
    Tensor embedding = config.frozen ? graph.evaluating(encoder) : encoder.get();
    Tensor output = graph.intermediate("output", Storage.F32, batch, network.outputs());
    network.classify(graph, embedding, output, step);
    int classes = data.classes().size();
    int targets = network.outputs() - classes;
    // i32 travels as f32: the engine only needs to know how many bytes there are.
    Tensor labels = classes > 0 ? graph.input("labels", Storage.F32, batch) : null;
    Tensor weights = classes > 0 ? graph.input("class weights", Storage.F32, classes) : null;
    Tensor values = targets > 0 ? graph.input("values", Storage.F32, batch, targets) : null;
    Tensor doutput = graph.intermediate("doutput", Storage.F32, output.shape());
    Tensor losses = graph.result("losses", Storage.F32, 3);
    Tensor columns = graph.result("columns", Storage.F32, batch, Loss.SUPERVISED_COLUMNS);
    graph.add(
        new Loss.Supervised(
            config.supervision(classes, targets),
            output,
            labels,
            values,
            weights,
            doutput,
            losses,
            columns));
    MemorySegment batchLabels = Arena.ofAuto().allocate(ValueLayout.JAVA_INT, batch);
    float[] batchValues = new float[batch * targets];
    return new TracedLoss<>() {
      @Override
      public List<Tensor> losses() {
        return List.of(losses);
      }

      @Override
      public void begin(Program program) {
        if (weights != null) {
          program.upload(data.classWeights(config.classWeighting()), weights);
        }
      }

      @Override
      public void fill(Program program, int[] rows, long index) {
        for (int i = 0; i < rows.length; i++) {
          batchLabels.setAtIndex(ValueLayout.JAVA_INT, i, data.label(rows[i]));
          encode(rows[i], batchValues, i * targets, index);
        }
        if (labels != null) {
          program.upload(batchLabels, labels);
        }
        if (values != null) {
          program.upload(batchValues, values);
        }
      }

      @Override
      public Losses read(Program program, double gradientNorm) {
        float[] l = program.download(losses);
        double correct = 0;
        float[] ofImages = program.download(columns);
        for (int i = CORRECT; i < ofImages.length; i += Loss.SUPERVISED_COLUMNS) {
          correct += ofImages[i];
        }
        // Of this process's part: an exchange here would come after the parameters have changed,
        // and
        // leave half a step behind where it fails.
        double images = (double) ofImages.length / Loss.SUPERVISED_COLUMNS;
        double accuracy = labels == null ? Double.NaN : correct / images;
        return new Losses(l[0], l[1], l[2], accuracy, gradientNorm);
      }
    };
  }

  // Writes the columns that the network is to learn of a row, turned as its image is.
  private void encode(int row, float[] columns, int first, long index) {
    int at = first;
    for (TargetScale scale : data.targets()) {
      float value = scale.target().of(data.table(), row);
      if (scale.target() == RegressionTarget.PHI && config.augment) {
        value = Turn.azimuth(config.seed, row, index, value);
      }
      scale.encode(value, columns, at);
      at += scale.columns();
    }
  }

  /// Sets learning rates that fall from the head to the stem: 1 for the head, the decay for the
  /// last stage of the encoder, its square for the one below, and so on. Lower stages find what all
  /// tracks have and should change less (Howard & Ruder 2018, "Universal language model
  /// fine-tuning", discriminative fine-tuning).
  @Override
  void rates(Graph graph) {
    int last = network().layout().entries().stream().mapToInt(e -> stage(e.name())).max().orElse(0);
    graph.rates(
        name -> name.startsWith(ENCODER) ? Math.pow(config.layerDecay, last - stage(name) + 1) : 1);
  }

  private static int stage(String name) {
    Matcher matcher = STAGE.matcher(name);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  @Override
  void open(Device device, ParameterStore trained) {
    store = trained;
    predictor =
        new Predictor(
            device,
            network(),
            trained,
            config,
            config.ema > 0,
            EVALUATION_BATCH,
            data.classes(),
            data.targets(),
            1);
  }

  @Override
  HeldOutScores evaluate() {
    return HeldOutScores.of(predict(evaluated), data, evaluated, config);
  }

  // The moving average of a constant drifts by roundings, and a frozen encoder keeps every bit.
  @Override
  void settle() {
    if (config.frozen && config.ema > 0 && store != null) {
      store.copy(Slab.STATE, Slab.STATE_AVERAGE);
    }
  }

  @Override
  double watched(HeldOutScores scores) {
    return scores.watched(config.monitored());
  }

  @Override
  int patience() {
    return config.patience;
  }

  @Override
  void describe(Map<String, String> metadata) {
    new ClassifierMetadata(data.classes(), data.targets(), data.info().unit()).writeTo(metadata);
  }

  @Override
  public void close() {
    if (predictor != null) {
      predictor.close();
      predictor = null;
    }
  }
}
