package org.pixelwake.training;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.pixelwake.base.Version;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.target.TargetScale;

/// The text of `MODEL_CARD.md`.
final class ModelCard {
  private static final int SOURCES_NAMED = 20;

  private final StringBuilder text = new StringBuilder();

  private ModelCard() {}

  static String of(FinetuneConfig config, FinetuneData data, long step, Assessment held) {
    ModelCard card = new ModelCard();
    boolean classified = !data.classes().isEmpty();
    card.head(
        config,
        classified ? "classifier" : "regression",
        classified
            ? "tells the classes " + String.join(", ", data.classes()) + " of clusters apart"
            : "measures what made a cluster",
        step);
    if (!data.targets().isEmpty()) {
      card.line("Measures: %s.", targets(data.targets()));
    }
    card.line("Encoder: %s%s.", start(config), config.frozen ? ", kept as it was" : "");
    card.data(config, data);
    int[] counts = data.trainCounts();
    if (classified) {
      card.line("");
      card.row("class", "training clusters", "held-out clusters");
      card.row("---", "---:", "---:");
      int[] heldCounts = data.labels().counts(data.heldOut());
      for (int c = 0; c < counts.length; c++) {
        card.row(
            data.classes().get(c), Integer.toString(counts[c]), Integer.toString(heldCounts[c]));
      }
    }
    card.heading("Metrics on held-out clusters");
    card.metrics(held);
    if (config.patience > 0) {
      card.line(
          "The step was chosen by %s on these clusters (early stopping), which makes the figures"
              + " somewhat too good.",
          config.monitor);
    }
    card.use(
        classified
            ? "Telling the listed classes apart in data of the same kind of sensor, bias, threshold"
                + " and energy unit. Probabilities assume the classes "
                + (even(config) ? "equally frequent." : "as frequent as in training.")
            : "Measuring the listed quantities in data of the same kind of sensor, bias, threshold"
                + " and energy unit.",
        config);
    return card.text.toString();
  }

  static String of(PretrainConfig config, TrainingData data, long step, Evaluation.Metrics held) {
    ModelCard card = new ModelCard();
    card.head(
        config,
        "autoencoder",
        "restores images of tracks, the mask of their cluster and of their hits above a threshold",
        step);
    card.data(config, data);
    card.heading("Metrics on held-out clusters");
    card.row("figure", "value");
    card.row("---", "---:");
    card.row("clusters", Integer.toString(held.clusters()));
    card.row("cluster-mask IoU", number(held.clusterIou()));
    card.row("threshold-mask IoU", number(held.thresholdIou()));
    card.row("image MSE / all-zero MSE", number(held.mse() / held.zeroMse()));
    card.line("");
    card.use(
        "A start for finetuning (`pixelwake finetune --model`) and features of clusters (`pixelwake"
            + " embed`).",
        config);
    return card.text.toString();
  }

  private static boolean even(FinetuneConfig config) {
    return config.balance || config.classWeighting() == FinetuneConfig.ClassWeighting.BALANCED;
  }

  private static String targets(List<TargetScale> targets) {
    return targets.stream()
        .map(t -> t.target().column() + " (learned as " + t.transform() + ")")
        .collect(Collectors.joining(", "));
  }

  private static String start(FinetuneConfig config) {
    if (!config.model.isEmpty()) {
      return "pretrained, of a model of Pixelwake";
    }
    return config.weights.isEmpty() ? "trained from scratch" : "started from given weights";
  }

  private void head(RunConfig config, String kind, String what, long step) {
    text.append("# ").append(config.arch).append(" ").append(kind).append("\n\n");
    line(
        "A network that %s, from %s. Trained for %d steps of %d clusters by Pixelwake %s,"
            + " seed %d.",
        what,
        config.overHits()
            ? "the hits themselves"
            : String.format(Locale.ROOT, "images of %1$d x %1$d pixels", config.side),
        step,
        config.batch,
        Version.CURRENT,
        config.seed);
  }

  private void data(RunConfig config, TaskData data) {
    heading("Training data");
    line(
        "%d clusters of %d to %d hits, %d more held out. Energies in %s.",
        data.train().length,
        config.minHits,
        config.maxHits,
        data.heldOut().length,
        data.info().unit() == EnergyUnit.KEV ? "keV" : "ToT");
    line("Sources:\n");
    List<SourceInfo> sources = data.info().sources();
    sources.stream().limit(SOURCES_NAMED).forEach(source -> line("- %s", source.file()));
    if (sources.size() > SOURCES_NAMED) {
      line("- and %d more", sources.size() - SOURCES_NAMED);
    }
  }

  private void metrics(Assessment held) {
    row("figure", "value", "95 % interval");
    row("---", "---:", "---");
    held.classFigures().forEach((name, figure) -> figure(words(name), figure));
    for (Assessment.Values values : held.values()) {
      for (Map.Entry<String, Estimate> entry : values.figures().entrySet()) {
        String unit = entry.getKey().equals("r2") ? "" : ", " + values.unit();
        figure(values.target().column() + ": " + words(entry.getKey()) + unit, entry.getValue());
      }
    }
    line("");
    line("Intervals by bootstrap over clusters; dex is a factor of ten.");
  }

  private static String words(String name) {
    return name.replace('_', ' ');
  }

  private void figure(String name, Estimate figure) {
    row(name, number(figure.value()), number(figure.low()) + " to " + number(figure.high()));
  }

  private void use(String intended, RunConfig config) {
    heading("Intended use");
    line("%s", intended);
    heading("Limits");
    line(
        "%s Nothing is known of particles, energies, angles, sensors or settings that"
            + " are not in the training data. Held-out clusters come from the same sources as the"
            + " training clusters%s.",
        config.overHits()
            ? "Energies and times are seen as roots, as logarithms and as they are."
            : energies(config)
                + String.format(
                    Locale.ROOT,
                    "; clusters longer than %d pixels are shrunk to the image.",
                    config.side),
        config instanceof FinetuneConfig f && f.splitUnit.equals("source")
            ? " by kind, but not from the same files"
            : ", so that differences between detectors do not show in the figures");
  }

  private static String energies(RunConfig config) {
    return switch (config.energies()) {
      case SQRT ->
          String.format(
              Locale.ROOT, "Energies are divided by %.4g and clipped there", config.energyScale);
      case LINEAR -> String.format(Locale.ROOT, "Energies are divided by %.4g", config.energyScale);
      case LOG -> "Energies are seen as logarithms, those up to 4 as equal";
      case ALL ->
          "Energies are seen as roots, as logarithms and as they are, times of arrival not at all";
    };
  }

  private void heading(String title) {
    text.append("\n## ").append(title).append("\n\n");
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format + "\n", values));
  }

  private void row(String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4g", value) : "not known";
  }
}
