package org.pixelwake.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.network.EncoderShape;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.target.RegressionTarget;

/// Everything that decides the outcome of a finetuning run; saved beside its checkpoints.
public final class FinetuneConfig extends RunConfig {
  /// Architecture where neither a model nor the user names one.
  static final String DEFAULT_ARCH = "efficientnet_b0";

  private static final int DEFAULT_SIDE = 96;
  private static final int DEFAULT_MAX_SCALE = 5;

  /// The defaults.
  public FinetuneConfig() {
    arch = "";
    side = 0;
    maxScale = 0;
    stemStride = 0;
    pool = "";
    energyEncoding = "";
    epochs = 30;
    learningRate = 1e-3;
    dropPath = 0.1;
    evaluateClusters = 10_000;
  }

  @Setting(
      group = "network",
      value =
          "folder of a run or model.safetensors of Pixelwake whose encoder and normalisation it starts from; empty: none")
  public String model = "";

  @Setting("train the head alone; the encoder keeps every bit")
  public boolean frozen = false;

  @Setting("part of the features hidden from the head in training")
  public float dropout = 0.2f;

  @Setting(
      group = "data",
      value =
          "what is held out as a whole: cluster, particle (all clusters that one made, where the truth numbers particles), frame, block (a stretch of a source) or source")
  public String splitUnit = "particle";

  @Setting(
      "part of the training clusters that is used, the same of every class; a smaller part is within a larger one")
  public double trainShare = 1;

  @Setting(
      "number of training clusters that is used, drawn as --train-share draws them; 0: as many as --train-share says")
  public int trainLabels = 0;

  @Setting("draw clusters of every class equally often, those of rare classes repeatedly")
  public boolean balance = false;

  @Setting(
      group = "labels",
      value =
          "what is a cluster's class: its particle, its source (the file it came from), pile-up (classes single and pile-up, by the number of particles in it), or none for regression alone")
  public String labels = "particle";

  @Setting(
      "classes in their order, with commas between them: particles such as electron,proton,C12, or sources as NAME=PATTERN such as sr90=*sr90*; empty: all particles that are there")
  public String classes = "";

  @Setting(
      "quantities learned by regression, with commas between them: primary_energy_mev, deposited_kev, theta_deg, phi_deg; empty: none")
  public String targets = "";

  @Setting(
      group = "loss",
      value =
          "weights of the classes in the cross-entropy: none, or balanced (inverse to their frequency)")
  public String classWeights = "none";

  @Setting("part of a label that is spread over all classes")
  public float labelSmoothing = 0;

  @Setting(
      "error of a regression, in standard deviations of the target, beyond which Huber's loss is linear")
  public float huberDelta = 1;

  @Setting("weight of the cross-entropy in the loss")
  public float classPart = 1;

  @Setting("weight of the regressions in the loss")
  public float valuePart = 1;

  @Setting(
      group = "optimisation",
      value =
          "learning rate of a stage as part of that of the stage above it; the head has the whole, 1: all have")
  public double layerDecay = 1;

  @Setting(
      group = "run",
      value =
          "evaluations without a better --monitor after which training stops; the model is then the best one; 0: train to the end and keep the last")
  public int patience = 0;

  @Setting("held-out figure that is watched: loss, accuracy or balanced-accuracy")
  public String monitor = "loss";

  @Override
  String text(String name, String text) {
    return switch (name) {
      case "arch" ->
          "encoder: efficientnet_b0 to b7, efficientnet_w0.5_d0.5 for B0 scaled by width and depth,"
              + " small_cnn, or hits_s, hits_m, hits_l for networks over hits; empty: that of --model, else "
              + DEFAULT_ARCH;
      case "side" -> text + "; 0: that of --model, else " + DEFAULT_SIDE;
      case "held-out" -> text + "; 0: none, which leaves nothing to evaluate on";
      case "max-scale" -> text + "; 0: that of --model, else " + DEFAULT_MAX_SCALE;
      case "stem-stride" -> text + "; 0: that of --model, else " + STEM_STRIDE;
      case "pool" -> text + "; empty: that of --model, else " + POOL;
      case "energy-encoding" -> text + "; empty: that of --model, else " + ENERGY_ENCODING;
      case "energy-scale", "toa-scale", "energy-threshold" ->
          text.replace("-1: ", "-1: that of --model, else ");
      default -> text;
    };
  }

  @Override
  public Finetuning task(Path dataset, Progress progress) {
    return Finetuning.load(dataset, this, progress);
  }

  @Override
  public void validate() {
    validateShared(true);
    check("dropout", dropout >= 0 && dropout < 1, "at least 0 and less than 1");
    check("train-share", trainShare > 0 && trainShare <= 1, "more than 0 and up to 1");
    check("train-labels", trainLabels >= 0, "at least 0");
    if (trainLabels > 0 && trainShare < 1) {
      throw new InputException(
          "--train-labels", "says the same as --train-share", "Give one of the two");
    }
    check("label-smoothing", labelSmoothing >= 0 && labelSmoothing < 1, "0 to below 1");
    check("huber-delta", huberDelta > 0, "more than 0");
    check("class-part", classPart >= 0, "at least 0");
    check("value-part", valuePart >= 0, "at least 0");
    check("layer-decay", layerDecay > 0 && layerDecay <= 1, "more than 0 and up to 1");
    check("patience", patience >= 0, "at least 0");
    check("patience", patience == 0 || heldOut > 0, "of 0 where no clusters are held out");
    if (!arch.isEmpty()) {
      EncoderShape.named(arch);
    }
    splitUnit();
    classWeighting();
    monitored();
    List<RegressionTarget> learned = targetList();
    if (labelling() == Labelling.NONE && learned.isEmpty()) {
      throw new InputException(
          "--labels none", "leaves nothing to learn without --targets", "Give one of the two");
    }
    if (labelling() == Labelling.NONE && (balance || monitored() != Monitor.LOSS)) {
      throw new InputException(
          "--labels none", "leaves no classes to balance or to watch", "Watch the loss");
    }
    if (labelling() == Labelling.SOURCE && classList().isEmpty()) {
      throw new InputException(
          "--labels source", "needs --classes", "Name them as NAME=PATTERN, such as sr90=*sr90*");
    }
    if (!model.isEmpty() && !weights.isEmpty()) {
      throw new InputException(
          "--weights", "names an encoder beside that of --model", "Give one of the two");
    }
    if (frozen && layerDecay != 1) {
      throw new InputException(
          "--layer-decay", "has nothing to act on in a frozen encoder", "Give one of the two");
    }
    if (frozen && model.isEmpty() && weights.isEmpty()) {
      throw new InputException(
          "--frozen", "would keep a random encoder", "Give a trained one with --model");
    }
  }

  @Override
  @Nullable TensorMap encoder() {
    return model.isEmpty() ? super.encoder() : Checkpoint.readModel(Path.of(model));
  }

  /// Fills in what is to be taken from the model.
  ///
  /// @param from configuration of the model
  /// @throws InputException where what was given contradicts it
  private void adopt(RunConfig from) {
    if (!arch.isEmpty() && !arch.equalsIgnoreCase(from.arch)) {
      throw new InputException(
          "--arch " + arch,
          "is not that of the model, which is " + from.arch,
          "Leave out --arch, or start without --model");
    }
    arch = from.arch;
    side = side == 0 ? from.side : side;
    maxScale = maxScale == 0 ? from.maxScale : maxScale;
    stemStride = stemStride == 0 ? from.stemStride : stemStride;
    pool = pool.isEmpty() ? from.pool : pool;
    energyEncoding = energyEncoding.isEmpty() ? from.energyEncoding : energyEncoding;
    energyScale = energyScale == AUTO ? from.energyScale : energyScale;
    toaScale = toaScale == AUTO ? from.toaScale : toaScale;
    energyThreshold = energyThreshold == AUTO ? from.energyThreshold : energyThreshold;
  }

  /// Fills in side, architecture and the model's scales, where they are left open.
  ///
  /// @param unit of the energies to be learned from
  void resolveModel(EnergyUnit unit) {
    boolean open =
        arch.isEmpty()
            || side == 0
            || maxScale == 0
            || stemStride == 0
            || pool.isEmpty()
            || energyEncoding.isEmpty()
            || scalesOpen();
    if (!model.isEmpty() && open) {
      TensorMap tensors = Checkpoint.readModel(Path.of(model));
      Checkpoint.requireUnit(tensors, unit);
      adopt(Checkpoint.configOf(tensors));
    }
    arch = arch.isEmpty() ? DEFAULT_ARCH : arch;
    side = side == 0 ? DEFAULT_SIDE : side;
    maxScale = maxScale == 0 ? DEFAULT_MAX_SCALE : maxScale;
    stemStride = stemStride == 0 ? STEM_STRIDE : stemStride;
    pool = pool.isEmpty() ? POOL : pool;
    energyEncoding = energyEncoding.isEmpty() ? ENERGY_ENCODING : energyEncoding;
  }

  private boolean scalesOpen() {
    return energyScale == AUTO || toaScale == AUTO || energyThreshold == AUTO;
  }

  Split.Unit splitUnit() {
    return one("split-unit", splitUnit, Split.Unit.values());
  }

  /// How classes are weighted.
  enum ClassWeighting {
    NONE,
    BALANCED
  }

  ClassWeighting classWeighting() {
    return one("class-weights", classWeights, ClassWeighting.values());
  }

  /// The held-out figure that early stopping watches.
  enum Monitor {
    LOSS,
    ACCURACY,
    BALANCED_ACCURACY
  }

  Monitor monitored() {
    return one("monitor", monitor, Monitor.values());
  }

  /// Constants of the loss of one batch.
  ///
  /// @param outputs columns of targets
  Loss.Supervision supervision(int classCount, int outputs) {
    return new Loss.Supervision(
        classCount, outputs, labelSmoothing, huberDelta, classPart, valuePart, 1f / batch);
  }

  /// What decides the class of a cluster.
  enum Labelling {
    PARTICLE,
    SOURCE,
    PILE_UP,
    NONE
  }

  Labelling labelling() {
    return one("labels", labels, Labelling.values());
  }

  List<String> classList() {
    return list(classes);
  }

  /// The quantities learned by regression, in the order given.
  List<RegressionTarget> targetList() {
    List<RegressionTarget> found = new ArrayList<>();
    for (String name : list(targets)) {
      RegressionTarget target = RegressionTarget.named(name);
      if (found.contains(target)) {
        throw new InputException("--targets", name, "is named twice", "Name it once");
      }
      found.add(target);
    }
    return found;
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }
}
