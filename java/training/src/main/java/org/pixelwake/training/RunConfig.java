package org.pixelwake.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Architecture;
import org.pixelwake.network.EncoderShape;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.TensorMap;

/// Everything that decides the outcome of a run of training, as far as pretraining and finetuning
/// have it in common, and how it is read and written: as YAML beside the checkpoints, as JSON in
/// the metadata of models, as options of the command line.
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.PUBLIC_ONLY)
public abstract sealed class RunConfig permits PretrainConfig, FinetuneConfig {
  /// Value of scales that are to be taken from the data.
  public static final float AUTO = -1;

  static final int STEM_STRIDE = 2;
  static final String ENERGY_ENCODING = "sqrt";
  static final String POOL = "canvas";

  private static final List<String> GROUPS =
      List.of("network", "images", "data", "labels", "loss", "optimisation", "run");

  private static final ObjectMapper JSON = mapper(JsonMapper.builder());
  private static final ObjectMapper YAML =
      mapper(
          YAMLMapper.builder(
              YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build()));

  RunConfig() {}

  private static <M extends ObjectMapper, B extends MapperBuilder<M, B>> M mapper(B builder) {
    return builder
        .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  @Setting(
      group = "network",
      value =
          "efficientnet_b0 to b7, efficientnet_w0.5_d0.5 for B0 scaled by width and depth, or hits_s, hits_m, hits_l for networks over hits")
  public String arch = "efficientnet_b4";

  @Setting("torch.save or safetensors file to start the encoder from; empty: random")
  public String weights = "";

  @Setting("stride of the first convolution: 2, or 1 for images at the detector's resolution")
  public int stemStride = STEM_STRIDE;

  @Setting(
      "what squeeze-excite and the last pooling average over: canvas (the whole image, as published), or hits (those seen; not the empty canvas around them)")
  public String pool = POOL;

  @Setting("storage of activations: f32 or bf16")
  public String precision = "f32";

  @Setting(
      "part of a step's arithmetic that may be spent on computing activations again instead of keeping them in memory; changes no result")
  public double recompute = 0.03;

  @Setting(group = "images", value = "side of the images in image pixels, a multiple of 32")
  public int side = 384;

  @Setting("largest upsampling factor of a cluster")
  public int maxScale = 5;

  @Setting("random rotations by 90 degrees and reflections")
  public boolean augment = true;

  @Setting(
      "how the encoder sees energies: sqrt (clipped at 1), log (4 to 2500 keV are 0 to 1), linear, or all three at once, which leaves no channel for times and the threshold map")
  public String energyEncoding = ENERGY_ENCODING;

  @Setting(
      "energy that becomes 1 as square root or linear (keV or ToT); -1: the 99.5th percentile of the training hits")
  public float energyScale = AUTO;

  @Setting(
      "time after the first hit that becomes 1 after the square root (ns); -1: the 99.5th percentile of the training hits, 0: no time")
  public float toaScale = AUTO;

  @Setting(
      "energy above which a hit belongs to the threshold map (keV or ToT); -1: the median of the training hits")
  public float energyThreshold = AUTO;

  @Setting(group = "data", value = "smallest cluster used, in hits")
  public int minHits = 1;

  @Setting("largest cluster used, in hits")
  public int maxHits = 2000;

  @Setting("part of the clusters held out for evaluation")
  public double heldOut = 0.1;

  @Setting(group = "optimisation", value = "optimizer steps in all; 0: take --epochs")
  public long steps = 0;

  @Setting("passes over the training clusters")
  public double epochs = 100;

  @Setting("clusters of one step")
  public int batch = 32;

  @Setting("largest learning rate, reached after the warm-up")
  public double learningRate = 2e-3;

  @Setting("learning rate at the end of the cosine, as part of the largest")
  public double finalRate = 0.01;

  @Setting("part of the steps over which the learning rate rises")
  public double warmup = 0.05;

  @Setting("decoupled weight decay of AdamW, on convolution weights only")
  public float weightDecay = 0.02f;

  @Setting("first moment's decay of AdamW")
  public float beta1 = 0.9f;

  @Setting("second moment's decay of AdamW")
  public float beta2 = 0.999f;

  @Setting("gradients are scaled down to this norm; 0: not")
  public float clipNorm = 1;

  @Setting(
      "decay of the moving average of the parameters, which is what is evaluated and saved; 0: none")
  public double ema = 0.999;

  @Setting(
      "part of the steps, the last ones, in which batch norms take their running statistics, as in evaluation, instead of those of the batch")
  public double fixedStatistics = 0;

  @Setting("largest probability of stochastic depth in the encoder")
  public double dropPath = 0.2;

  @Setting(group = "run", value = "seed of every random number")
  public long seed = 1;

  @Setting("steps between evaluations on held-out clusters; 0: twenty in all")
  public long evaluateEvery = 0;

  @Setting("held-out clusters looked at in an evaluation")
  public int evaluateClusters = 512;

  @Setting("minutes between checkpoints")
  public double checkpointMinutes = 5;

  /// A setting of a configuration class.
  ///
  /// @param name as in YAML and on the command line
  /// @param group heading under which it is shown
  /// @param text what it does
  public record Described(String name, String group, String text, Field field) {
    /// Returns the value that it has in a configuration.
    Object in(RunConfig config) {
      try {
        return Objects.requireNonNull(field.get(config));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(name, e);
      }
    }
  }

  /// All settings, by groups and then in the order of declaration.
  public final List<Described> settings() {
    List<Described> list = new ArrayList<>();
    for (Class<?> type : List.of(RunConfig.class, getClass())) {
      String group = "";
      for (Field field : type.getDeclaredFields()) {
        Setting setting = field.getAnnotation(Setting.class);
        if (setting != null) {
          group = setting.group().isEmpty() ? group : setting.group();
          String name = kebab(field.getName());
          list.add(new Described(name, group, text(name, setting.value()), field));
        }
      }
    }
    list.sort(Comparator.comparingInt(described -> GROUPS.indexOf(described.group())));
    return list;
  }

  /// Returns what a setting of this class means in runs of this kind.
  String text(String name, String text) {
    return text;
  }

  private static String kebab(String camel) {
    return camel
        .replaceAll("([A-Z]|\\d+)", "-$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("beta-", "beta");
  }

  /// Reads a YAML file; keys not there keep their defaults.
  ///
  /// @param type class of the configuration
  /// @throws InputException where it cannot be read, naming the key
  public static <C extends RunConfig> C readYaml(Path file, Class<C> type) {
    try {
      String text = Files.readString(file);
      return YAML.readValue(text.isBlank() ? "{}" : text, type);
    } catch (JsonProcessingException e) {
      String command = Checkpoint.Format.of(type).command;
      throw YamlFailure.of(
          file.toString(), e, "See `pixelwake " + command + " --help` for the keys");
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /// Returns the configuration as YAML.
  public String toYaml() {
    return write(YAML);
  }

  /// Returns the configuration in one line, for the metadata of a checkpoint.
  public String toJson() {
    return write(JSON);
  }

  private String write(ObjectMapper mapper) {
    try {
      return mapper.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static <C extends RunConfig> C fromJson(String source, String text, Class<C> type) {
    try {
      // Versions that did not know of it never fixed statistics.
      C config = JSON.readValue("{\"fixed-statistics\": 0}", type);
      return JSON.readerForUpdating(config).readValue(text);
    } catch (JsonProcessingException e) {
      throw new InputException(
          source,
          "__metadata__.config",
          "is no configuration of this version: " + e.getOriginalMessage(),
          "Use the version of Pixelwake that wrote it",
          e);
    }
  }

  /// Returns a copy.
  ///
  /// @param type class of this configuration
  public final <C extends RunConfig> C copy(Class<C> type) {
    return fromJson("configuration", toJson(), type);
  }

  /// Returns the settings as text, by group, for reports.
  public Map<String, Map<String, String>> describe() {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    for (Described described : settings()) {
      groups
          .computeIfAbsent(described.group(), g -> new LinkedHashMap<>())
          .put(described.name(), described.in(this).toString());
    }
    return groups;
  }

  /// Checks every value.
  ///
  /// @throws InputException naming the option
  public abstract void validate();

  /// Checks what all runs have.
  ///
  /// @param open whether side and largest factor may be 0, to be taken from a model
  final void validateShared(boolean open) {
    check(
        "side",
        (open && side == 0) || (side >= 32 && side <= 1024 && side % 32 == 0),
        "a multiple of 32 up to 1024");
    check("max-scale", (open && maxScale == 0) || (maxScale >= 1 && maxScale <= 16), "1 to 16");
    check("stem-stride", (open && stemStride == 0) || stemStride == 1 || stemStride == 2, "1 or 2");
    check("recompute", recompute >= 0 && recompute <= 1, "0 to 1");
    check("energy-scale", energyScale == AUTO || energyScale > 0, "positive, or -1");
    check("toa-scale", toaScale == AUTO || toaScale >= 0, "positive, 0 or -1");
    check("energy-threshold", energyThreshold == AUTO || energyThreshold >= 0, "positive, or -1");
    check("min-hits", minHits >= 1, "at least 1");
    check("max-hits", maxHits >= minHits && maxHits <= 65536, "between --min-hits and 65536");
    check("held-out", heldOut >= 0 && heldOut < 1, "at least 0 and less than 1");
    check("batch", batch >= 1 && batch <= 4096, "1 to 4096");
    check("steps", steps >= 0, "at least 0");
    check("epochs", steps > 0 || epochs > 0, "more than 0");
    check("learning-rate", learningRate > 0 && learningRate < 10, "between 0 and 10");
    check("final-rate", finalRate >= 0 && finalRate <= 1, "between 0 and 1");
    check("warmup", warmup >= 0 && warmup < 1, "at least 0 and less than 1");
    check("weight-decay", weightDecay >= 0, "at least 0");
    check("beta1", beta1 >= 0 && beta1 < 1, "at least 0 and less than 1");
    check("beta2", beta2 >= 0 && beta2 < 1, "at least 0 and less than 1");
    check("clip-norm", clipNorm >= 0, "at least 0");
    check("ema", ema >= 0 && ema < 1, "at least 0 and less than 1");
    check(
        "fixed-statistics",
        fixedStatistics >= 0 && fixedStatistics < 1,
        "at least 0 and less than 1");
    check("drop-path", dropPath >= 0 && dropPath < 1, "at least 0 and less than 1");
    check("evaluate-every", evaluateEvery >= 0, "at least 0");
    check("evaluate-clusters", evaluateClusters >= 1, "at least 1");
    check("checkpoint-minutes", checkpointMinutes > 0, "more than 0");
    storage();
    energies();
    pooling();
  }

  static void check(String option, boolean holds, String allowed) {
    if (!holds) {
      throw new InputException("--" + option, "is out of range", "Give a value " + allowed);
    }
  }

  /// Returns the constant of the name that an option has.
  static <E extends Enum<E>> E one(String option, String text, E[] values) {
    List<String> names =
        Arrays.stream(values)
            .map(value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .toList();
    int index = names.indexOf(text.toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw new InputException(
          "--" + option + " " + text, "is unknown", "Use one of " + String.join(", ", names));
    }
    return values[index];
  }

  /// Returns the storage of the activations.
  public Storage storage() {
    return one("precision", precision, Storage.values());
  }

  /// Returns the constants of the optimizer.
  public Optimizer.Attributes optimizer() {
    return new Optimizer.Attributes(beta1, beta2, 1e-8f, weightDecay, clipNorm);
  }

  /// How hits become images; scales must have been resolved.
  ///
  /// @param training with masking and augmentation
  public Rasterize.Attributes images(boolean training) {
    return new Rasterize.Attributes(
        side,
        maxScale,
        training && augment,
        0,
        training ? hidden() : 0,
        energyScale,
        toaScale,
        energyThreshold,
        energies());
  }

  /// Returns how the encoder sees energies.
  public final Rasterize.Energies energies() {
    String encoding = energyEncoding.isEmpty() ? ENERGY_ENCODING : energyEncoding;
    return one("energy-encoding", encoding, Rasterize.Energies.values());
  }

  private Architecture.Pooling pooling() {
    return one("pool", pool.isEmpty() ? POOL : pool, Architecture.Pooling.values());
  }

  /// Returns whether the network sees the hits themselves, not images of them.
  public final boolean overHits() {
    return EncoderShape.named(arch) instanceof HitsArchitecture;
  }

  /// Returns the shape of the encoder.
  ///
  /// @param dropout before the classifier
  public final EncoderShape shape(double dropout) {
    return switch (EncoderShape.named(arch)) {
      case Architecture images ->
          images
              .withStemStride(stemStride == 0 ? STEM_STRIDE : stemStride)
              .withPooling(pooling())
              .withStochasticDepth(dropPath)
              .withDropout(dropout);
      case HitsArchitecture hits -> hits.withDropout(dropout);
    };
  }

  /// Part of the hits that are hidden from the input in training.
  float hidden() {
    return 0;
  }

  /// Loads a data set and makes the task of this configuration, whose open settings are filled in.
  ///
  /// @param dataset the Parquet file
  /// @throws InputException where there is nothing to learn, or the file cannot be read
  public abstract TrainingTask<?, ?> task(Path dataset, Progress progress);

  /// Returns the command of the command line that trains with this kind of configuration.
  public final String command() {
    return Checkpoint.Format.of(getClass()).command;
  }

  /// Returns the parameters that the encoder starts from, or null where it starts at random.
  @Nullable TensorMap encoder() {
    return weights.isEmpty() ? null : StateDict.read(Path.of(weights));
  }

  /// Steps of a run in all.
  ///
  /// @param clusters to train on
  final long totalSteps(long clusters) {
    return steps > 0 ? steps : Math.max(1, (long) Math.ceil(epochs * clusters / batch));
  }

  /// Returns the first step in which the statistics of batch norm are fixed; one more than there
  /// are where they never are.
  final long firstFixedStep(long total) {
    return total + 1 - Math.round(fixedStatistics * total);
  }

  final long evaluationInterval(long total) {
    return evaluateEvery > 0 ? evaluateEvery : Math.max(1, total / 20);
  }
}
