package org.pixelwake.training;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.engine.InputException;
import org.pixelwake.engine.Loss;
import org.pixelwake.engine.Optimizer;
import org.pixelwake.engine.Rasterize;
import org.pixelwake.engine.Storage;

/// Everything that decides the outcome of a pretraining run; saved beside its checkpoints.
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.PUBLIC_ONLY)
public final class PretrainConfig {
  /// Value of scales that are to be taken from the data.
  public static final float AUTO = -1;

  /// The defaults.
  public PretrainConfig() {}

  @Setting(
      group = "network",
      text = "efficientnet_b0 to b7, or efficientnet_w0.5_d0.5 for B0 scaled by width and depth")
  public String arch = "efficientnet_b4";

  @Setting(
      group = "network",
      text = "torch.save or safetensors file to start the encoder from; empty: random")
  public String weights = "";

  @Setting(group = "network", text = "storage of activations: f32 or bf16")
  public String precision = "f32";

  @Setting(
      group = "network",
      text =
          "part of a step's arithmetic that may be spent on computing activations again instead of keeping them in memory; changes no result")
  public double recompute = 0.03;

  @Setting(group = "images", text = "side of the images in image pixels, a multiple of 32")
  public int side = 384;

  @Setting(group = "images", text = "largest upsampling factor of a cluster")
  public int maxScale = 5;

  @Setting(group = "images", text = "part of the hit pixels hidden from the input: 0, 0.25, 0.5")
  public float maskFraction = 0.25f;

  @Setting(group = "images", text = "random rotations by 90 degrees and reflections")
  public boolean augment = true;

  @Setting(
      group = "images",
      text =
          "energy that becomes 1 after the square root (keV or ToT); -1: the 99.5th percentile of the training hits")
  public float energyScale = AUTO;

  @Setting(
      group = "images",
      text =
          "time after the first hit that becomes 1 after the square root (ns); -1: the 99.5th percentile of the training hits, 0: no time")
  public float toaScale = AUTO;

  @Setting(
      group = "images",
      text =
          "energy above which a hit belongs to the threshold map (keV or ToT); -1: the median of the training hits")
  public float energyThreshold = AUTO;

  @Setting(group = "data", text = "balance the hit counts over exponential bins")
  public boolean balance = true;

  @Setting(group = "data", text = "clusters that a bin of hit counts needs, or it is left out")
  public int minBin = 50;

  @Setting(group = "data", text = "smallest cluster used, in hits")
  public int minHits = 1;

  @Setting(group = "data", text = "largest cluster used, in hits")
  public int maxHits = 2000;

  @Setting(group = "data", text = "part of the clusters held out for evaluation")
  public double heldOut = 0.1;

  @Setting(group = "loss", text = "weight of the image's squared error")
  public float imageWeight = 1;

  @Setting(group = "loss", text = "weight of the cluster mask's loss")
  public float clusterWeight = 1;

  @Setting(group = "loss", text = "weight of the threshold mask's loss")
  public float thresholdWeight = 1;

  @Setting(group = "loss", text = "weight of a hit pixel in the squared error")
  public float hitWeight = 1;

  @Setting(group = "loss", text = "weight of an empty pixel in the squared error")
  public float emptyWeight = 0.1f;

  @Setting(group = "loss", text = "weight of a positive pixel in the masks' cross-entropy")
  public float maskHitWeight = 1;

  @Setting(group = "loss", text = "weight of a negative pixel in it")
  public float maskEmptyWeight = 0.25f;

  @Setting(group = "loss", text = "weight of the cross-entropy in a mask's loss")
  public float bceWeight = 1;

  @Setting(group = "loss", text = "weight of soft Dice in a mask's loss")
  public float diceWeight = 1;

  @Setting(group = "optimisation", text = "optimizer steps in all; 0: take --epochs")
  public long steps = 0;

  @Setting(group = "optimisation", text = "passes over the training clusters")
  public double epochs = 100;

  @Setting(group = "optimisation", text = "clusters of one step")
  public int batch = 32;

  @Setting(group = "optimisation", text = "largest learning rate, reached after the warm-up")
  public double learningRate = 2e-3;

  @Setting(
      group = "optimisation",
      text = "learning rate at the end of the cosine, as part of the largest")
  public double finalRate = 0.01;

  @Setting(group = "optimisation", text = "part of the steps over which the learning rate rises")
  public double warmup = 0.05;

  @Setting(
      group = "optimisation",
      text = "decoupled weight decay of AdamW, on convolution weights only")
  public float weightDecay = 0.02f;

  @Setting(group = "optimisation", text = "first moment's decay of AdamW")
  public float beta1 = 0.9f;

  @Setting(group = "optimisation", text = "second moment's decay of AdamW")
  public float beta2 = 0.999f;

  @Setting(group = "optimisation", text = "gradients are scaled down to this norm; 0: not")
  public float clipNorm = 1;

  @Setting(
      group = "optimisation",
      text =
          "decay of the moving average of the parameters, which is what is evaluated and saved; 0: none")
  public double ema = 0.999;

  @Setting(group = "optimisation", text = "largest probability of stochastic depth in the encoder")
  public double dropPath = 0.2;

  @Setting(group = "run", text = "seed of every random number")
  public long seed = 1;

  @Setting(group = "run", text = "steps between evaluations on held-out clusters; 0: twenty in all")
  public long evaluateEvery = 0;

  @Setting(group = "run", text = "held-out clusters looked at in an evaluation")
  public int evaluateClusters = 512;

  @Setting(group = "run", text = "minutes between checkpoints")
  public double checkpointMinutes = 5;

  @Setting(group = "run", text = "held-out clusters pictured in the report")
  public int pictures = 8;

  /// A setting of a configuration class.
  ///
  /// @param name as in YAML and on the command line
  public record Described(String name, Setting setting, Field field) {}

  /// All settings, in the order of declaration.
  public static List<Described> settings() {
    List<Described> list = new ArrayList<>();
    for (Field field : PretrainConfig.class.getFields()) {
      Setting setting = field.getAnnotation(Setting.class);
      if (setting != null) {
        list.add(new Described(kebab(field.getName()), setting, field));
      }
    }
    return list;
  }

  private static String kebab(String camel) {
    return camel
        .replaceAll("([A-Z]|\\d+)", "-$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("beta-", "beta");
  }

  private static JsonMapper json() {
    return JsonMapper.builder()
        .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  private static ObjectMapper yaml() {
    return YAMLMapper.builder(
            YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build())
        .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  /// Reads a YAML file; keys not there keep their defaults.
  public static PretrainConfig readYaml(Path file) {
    try {
      String text = Files.readString(file);
      if (text.isBlank()) {
        return new PretrainConfig();
      }
      return yaml().readValue(text, PretrainConfig.class);
    } catch (JsonMappingException e) {
      String place =
          e.getPath().isEmpty()
              ? line(e)
              : line(e)
                  + ", key "
                  + Objects.requireNonNullElse(e.getPath().getLast().getFieldName(), "?");
      throw new InputException(
          file.toString(),
          place,
          e.getOriginalMessage(),
          "See `pixelwake pretrain --help` for the keys",
          e);
    } catch (JsonProcessingException e) {
      throw new InputException(
          file.toString(),
          line(e),
          "is no valid YAML: " + e.getOriginalMessage(),
          "Correct the file",
          e);
    } catch (IOException e) {
      throw new InputException(
          file.toString(), "", "cannot be read: " + e.getMessage(), "Give a readable YAML file", e);
    }
  }

  private static String line(JsonProcessingException e) {
    return e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr();
  }

  /// The configuration as YAML.
  public String toYaml() {
    try {
      return yaml().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The configuration in one line, for the metadata of a checkpoint.
  public String toJson() {
    try {
      return json().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads what [#toJson()] wrote.
  public static PretrainConfig fromJson(String source, String text) {
    try {
      return json().readValue(text, PretrainConfig.class);
    } catch (JsonProcessingException e) {
      throw new InputException(
          source,
          "__metadata__.config",
          "is no configuration of this version: " + e.getOriginalMessage(),
          "Use the version of Pixelwake that wrote it",
          e);
    }
  }

  /// A copy.
  public PretrainConfig copy() {
    return fromJson("configuration", toJson());
  }

  /// The settings as text, by group, for reports.
  public Map<String, Map<String, String>> describe() {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    for (Described described : settings()) {
      try {
        groups
            .computeIfAbsent(described.setting().group(), g -> new LinkedHashMap<>())
            .put(described.name(), String.valueOf(described.field().get(this)));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    return groups;
  }

  /// Checks every value.
  ///
  /// @throws InputException naming the option
  public void validate() {
    check("side", side >= 32 && side <= 1024 && side % 32 == 0, "a multiple of 32 up to 1024");
    check("max-scale", maxScale >= 1 && maxScale <= 16, "1 to 16");
    check("recompute", recompute >= 0 && recompute <= 1, "0 to 1");
    check("mask-fraction", maskFraction >= 0 && maskFraction < 1, "at least 0 and less than 1");
    check("energy-scale", energyScale == AUTO || energyScale > 0, "positive, or -1");
    check("toa-scale", toaScale == AUTO || toaScale >= 0, "positive, 0 or -1");
    check("energy-threshold", energyThreshold == AUTO || energyThreshold >= 0, "positive, or -1");
    check("min-bin", minBin >= 1, "at least 1");
    check("min-hits", minHits >= 1, "at least 1");
    check("max-hits", maxHits >= minHits && maxHits <= 65536, "between --min-hits and 65536");
    check("held-out", heldOut > 0 && heldOut < 1, "between 0 and 1");
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
    check("drop-path", dropPath >= 0 && dropPath < 1, "at least 0 and less than 1");
    check("evaluate-clusters", evaluateClusters >= 1, "at least 1");
    check("checkpoint-minutes", checkpointMinutes > 0, "more than 0");
    check("pictures", pictures >= 0 && pictures <= 64, "0 to 64");
    float weights =
        Math.min(Math.min(imageWeight, clusterWeight), Math.min(thresholdWeight, hitWeight));
    float more =
        Math.min(Math.min(emptyWeight, maskHitWeight), Math.min(maskEmptyWeight, bceWeight));
    check("weights of the loss", Math.min(Math.min(weights, more), diceWeight) >= 0, "at least 0");
    storage();
  }

  private static void check(String option, boolean holds, String allowed) {
    if (!holds) {
      throw new InputException("--" + option, "", "is out of range", "Give a value " + allowed);
    }
  }

  /// Storage of the activations.
  public Storage storage() {
    return switch (precision) {
      case "f32" -> Storage.F32;
      case "bf16" -> Storage.BF16;
      default ->
          throw new InputException("--precision " + precision, "", "is unknown", "Use f32 or bf16");
    };
  }

  /// Weights of the loss.
  public Loss.Weights lossWeights() {
    return new Loss.Weights(
        imageWeight,
        clusterWeight,
        thresholdWeight,
        hitWeight,
        emptyWeight,
        maskHitWeight,
        maskEmptyWeight,
        bceWeight,
        diceWeight);
  }

  /// Constants of the optimizer.
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
        training ? maskFraction : 0,
        energyScale,
        toaScale,
        energyThreshold);
  }
}
