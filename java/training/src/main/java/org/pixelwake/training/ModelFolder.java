package org.pixelwake.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Version;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.training.target.TargetScale;

/// A trained network as a folder that can be handed on: `model.safetensors` with weights and
/// configuration, `config.yaml`, `normalisation.json` (what turns hits into images and outputs into
/// values), `data.json` (what it was trained on), `metrics.json` (held-out figures with intervals)
/// and `MODEL_CARD.md` (all that for people; Mitchell et al. 2019, "Model cards for model
/// reporting").
///
/// The folder appears under its name only when it is complete. [TrainedModel], [TrainedClassifier]
/// and the commands read it as they read the folder of a run.
public final class ModelFolder {
  static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ModelFolder() {}

  /// The model's folder in the folder of a run.
  public static Path of(Path run) {
    return run.resolve("model");
  }

  /// Writes the folder of a finetuned model.
  ///
  /// @param run folder of the run, which holds the model's file
  /// @param step steps that the model was trained for
  /// @param held figures of the model on the held-out clusters
  public static Path write(
      Path run, FinetuneConfig config, FinetuneData data, long step, Assessment held) {
    ObjectNode normalisation = normalisation(config, data.info().unit());
    ArrayNode targets = normalisation.putArray("targets");
    for (TargetScale scale : data.targets()) {
      ObjectNode target = targets.addObject();
      target.put("name", scale.target().column());
      target.put("unit", scale.target().unit());
      target.put("transform", scale.transform());
      target.put("mean", scale.mean());
      target.put("deviation", scale.deviation());
    }
    ObjectNode about = data(data);
    ObjectNode classes = about.putObject("classes");
    int[] train = data.trainCounts();
    int[] heldOut = data.labels().counts(data.heldOut());
    for (int c = 0; c < data.classes().size(); c++) {
      ObjectNode one = classes.putObject(data.classes().get(c));
      one.put("train", train[c]);
      one.put("held_out", heldOut[c]);
    }
    ObjectNode metrics = held.json();
    metrics.put("step", step);
    String card = ModelCard.of(config, data, step, held);
    return write(run, config, normalisation, about, metrics, card);
  }

  /// Writes the folder of a pretrained model.
  ///
  /// @param run folder of the run, which holds the model's file
  /// @param held figures on held-out clusters
  public static Path write(
      Path run, PretrainConfig config, TrainingData data, long step, Evaluation.Metrics held) {
    ObjectNode metrics = JSON.createObjectNode();
    metrics.put("step", step);
    metrics.put("clusters", held.clusters());
    metrics.put("loss", held.total());
    metrics.put("mse", held.mse());
    metrics.put("zero_mse", held.zeroMse());
    metrics.put("cluster_iou", held.clusterIou());
    metrics.put("threshold_iou", held.thresholdIou());
    return write(
        run,
        config,
        normalisation(config, data.info().unit()),
        data(data),
        metrics,
        ModelCard.of(config, data, step, held));
  }

  private static ObjectNode normalisation(RunConfig config, EnergyUnit unit) {
    ObjectNode node = JSON.createObjectNode();
    node.put("unit", unit.name().toLowerCase(Locale.ROOT));
    node.put("energy_encoding", config.energies().name().toLowerCase(Locale.ROOT));
    node.put("energy_scale", config.energyScale);
    node.put("toa_scale_ns", config.toaScale);
    node.put("energy_threshold", config.energyThreshold);
    node.put("side", config.side);
    node.put("max_scale", config.maxScale);
    return node;
  }

  private static ObjectNode data(TaskData from) {
    int[] train = from.train();
    ObjectNode node = JSON.createObjectNode();
    node.put("dataset", String.valueOf(from.file().getFileName()));
    node.put("train_clusters", train.length);
    node.put("held_out_clusters", from.heldOut().length);
    int[] sizes = Arrays.stream(train).map(from.table()::size).toArray();
    SizeHistogram histogram = SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, sizes);
    ArrayNode bins = node.putArray("train_hit_counts");
    for (int bin = 0; bin < histogram.usedBins(); bin++) {
      ObjectNode one = bins.addObject();
      one.put("hits", histogram.bins().label(bin));
      one.put("clusters", histogram.count(bin));
    }
    ArrayNode sources = node.putArray("sources");
    from.info()
        .sources()
        .forEach(source -> {
          ObjectNode one = sources.addObject();
          one.put("file", source.file());
          one.put("detector", source.detector());
        });
    ObjectNode properties = node.putObject("properties");
    from.info().properties().forEach(properties::put);
    return node;
  }

  private static Path write(
      Path run,
      RunConfig config,
      ObjectNode normalisation,
      ObjectNode data,
      ObjectNode metrics,
      String card) {
    Path target = of(run);
    try (AtomicFolder folder = new AtomicFolder(target)) {
      Path partial = folder.temporary();
      Files.copy(Training.model(run), Training.model(partial));
      AtomicFile.write(partial.resolve("config.yaml"), config.toYaml());
      metrics.put("pixelwake", Version.CURRENT);
      Map<String, ObjectNode> parts =
          Map.of("normalisation.json", normalisation, "data.json", data, "metrics.json", metrics);
      for (Map.Entry<String, ObjectNode> part : parts.entrySet()) {
        String text = JSON.writeValueAsString(part.getValue()) + "\n";
        AtomicFile.write(partial.resolve(part.getKey()), text);
      }
      AtomicFile.write(partial.resolve("MODEL_CARD.md"), card);
      folder.commit();
      return target;
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }
}
