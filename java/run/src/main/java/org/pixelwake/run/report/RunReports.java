package org.pixelwake.run.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Histogram;
import org.pixelwake.report.section.CurveSection;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.report.section.GallerySection;
import org.pixelwake.report.section.HistogramSection;
import org.pixelwake.report.section.Metric;
import org.pixelwake.report.section.MetricSection;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.TrainingData;

/// Makes the report of a pretraining run out of its folder.
public final class RunReports {
  /// Iterations pictured.
  private static final int ITERATIONS = 8;

  private RunReports() {}

  /// Goals that a run is held to, in a demo.
  public record Goals(double clusterIou, double thresholdIou, double mseRatio) {}

  /// The verdict's figures of an evaluation.
  public static List<Metric> metrics(Evaluation.Metrics m, @Nullable Goals goals) {
    List<Metric> metrics = new ArrayList<>();
    String which = "mean over " + m.clusters() + " held-out clusters that were never trained on";
    metrics.add(
        new Metric(
            "Cluster-mask IoU",
            m.clusterIou(),
            "",
            goals == null ? null : Metric.Target.atLeast(goals.clusterIou()),
            "Overlap of the predicted and the true cluster, intersection over union; " + which));
    metrics.add(
        new Metric(
            "Threshold-mask IoU",
            m.thresholdIou(),
            "",
            goals == null ? null : Metric.Target.atLeast(goals.thresholdIou()),
            "The same for the pixels above the energy threshold"));
    metrics.add(
        new Metric(
            "Image MSE / all-zero MSE",
            m.mse() / m.zeroMse(),
            "",
            goals == null ? null : Metric.Target.atMost(goals.mseRatio()),
            "Mean squared error over all pixels and channels of the reconstruction (the image head"
                + " inside the predicted masks) over that of an empty image"));
    metrics.add(
        new Metric(
            "Image head alone / all-zero MSE",
            m.rawMse() / m.zeroMse(),
            "",
            null,
            "The same of the image head without the masks: its edges are blurred"));
    return metrics;
  }

  /// What is known at the end of a session.
  public record Session(
      String device,
      int threads,
      double clustersPerSecond,
      Duration wallTime,
      long parameters,
      String memoryPlan,
      Map<String, String> environment) {}

  /// Writes `report.html`.
  public static void write(
      RunFolder folder,
      PretrainConfig config,
      TrainingData data,
      long step,
      Evaluation.@Nullable Metrics last,
      Evaluation.Picture[] targets,
      int[] pictured,
      Session session,
      @Nullable Goals goals) {
    Report.Builder report =
        Report.builder("Pretraining of " + config.arch).summary(summary(config, data, step));
    if (last != null) {
      report.section(new MetricSection(metrics(last, goals)));
    }
    if (targets.length > 0) {
      report.section(new GallerySection(gallery(folder, config, data, step, targets, pictured)));
    }
    report
        .section(new CurveSection(charts(folder)))
        .section(new HistogramSection(List.of(histogram(data))))
        .section(
            SettingsSection.timing(
                session.device(),
                session.threads(),
                session.clustersPerSecond(),
                session.wallTime(),
                peakMemory(),
                session.environment()));
    SettingsSection settings = SettingsSection.ofRun();
    config.describe().forEach((group, values) -> settings.add(heading(group), values));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("learned parameters", Texts.count(session.parameters()));
    facts.put("memory", session.memoryPlan());
    facts.put("data set", data.file().toString());
    data.info().sources().forEach(s -> facts.merge("sources", s.file(), (a, b) -> a + ", " + b));
    facts.put("clusters larger than the image, shrunk", Texts.count(data.oversized()));
    report.section(settings.add("Run", facts)).build().write(folder.report());
  }

  private static String heading(String group) {
    return Character.toUpperCase(group.charAt(0)) + group.substring(1);
  }

  private static String summary(PretrainConfig config, TrainingData data, long step) {
    return String.format(
        Locale.ROOT,
        "An autoencoder with the encoder %s learned %s clusters in %s steps of %d, as images of %d"
            + " x %d pixels with %.0f %% of the hits hidden; %s further clusters were held out.",
        config.arch,
        Texts.count(data.train().length),
        Texts.count(step),
        config.batch,
        config.side,
        config.side,
        100 * config.maskFraction,
        Texts.count(data.heldOut().length));
  }

  private static List<Figure> charts(RunFolder folder) {
    return List.of(
        loss(
            folder,
            "Total loss",
            "Weighted sum of the three parts. Training clusters are masked and turned, held-out"
                + " clusters are shown whole.",
            "loss"),
        loss(
            folder,
            "Image loss",
            "Squared error of energy, time and threshold map, hit and empty pixels weighted apart.",
            "image_loss"),
        loss(
            folder,
            "Cluster-mask loss",
            "Cross-entropy and soft Dice of the mask of all hit pixels.",
            "cluster_loss"),
        loss(
            folder,
            "Threshold-mask loss",
            "The same for the pixels above the energy threshold.",
            "threshold_loss"),
        Figure.overIterations(
            "Overlap of the masks",
            "IoU",
            false,
            "Intersection over union on held-out clusters; 1 is perfect.",
            List.of(
                line(folder, "cluster mask", Figure.Style.HELD_OUT, "heldout_cluster_iou"),
                line(folder, "threshold mask", Figure.Style.OTHER, "heldout_threshold_iou"))),
        Figure.overIterations(
            "Learning rate",
            "",
            false,
            "A linear rise, then half a cosine.",
            List.of(line(folder, "learning rate", Figure.Style.OTHER, "learning_rate"))));
  }

  private static Figure loss(RunFolder folder, String title, String explanation, String column) {
    return Figure.overIterations(
        title,
        "",
        true,
        explanation,
        List.of(
            line(folder, "training", Figure.Style.TRAIN, column),
            line(folder, "held out", Figure.Style.HELD_OUT, "heldout_" + column)));
  }

  private static Figure.Line line(
      RunFolder folder, String name, Figure.Style style, String column) {
    MetricsTail.Curve values = folder.column(column);
    double[] steps = Arrays.stream(values.steps()).asDoubleStream().toArray();
    return new Figure.Line(name, style, steps, values.values());
  }

  private static Histogram histogram(TrainingData data) {
    SizeHistogram before = data.before();
    int bins = before.usedBins();
    List<String> labels = new ArrayList<>();
    long[] counts = new long[bins];
    long[] chosen = new long[bins];
    for (int bin = 0; bin < bins; bin++) {
      labels.add(before.bins().label(bin));
      counts[bin] = before.count(bin);
      chosen[bin] = data.after().count(bin);
    }
    return new Histogram(
        "Hit counts before and after balancing",
        "hits in a cluster",
        "clusters",
        "Each bin is twice as wide as the one before. Bins are downsampled to the smallest one that"
            + " holds enough clusters; smaller bins are left out.",
        labels,
        counts,
        chosen);
  }

  private static Gallery gallery(
      RunFolder folder,
      PretrainConfig config,
      TrainingData data,
      long step,
      Evaluation.Picture[] targets,
      int[] pictured) {
    RunFolder.Iterations iterations = folder.iterations(step, ITERATIONS);
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < Math.min(targets.length, iterations.tracks().size()); i++) {
      tracks.add(
          track(
              "Cluster " + pictured[i],
              caption(data.table(), pictured[i], data.info().unit()),
              targets[i],
              iterations.tracks().get(i)));
    }
    return new Gallery(
        "Held-out clusters and what the network makes of them in the course of training.",
        config.energyScale,
        data.info().unit().label(),
        iterations.steps(),
        tracks);
  }

  public static String caption(ClusterTable table, int row, EnergyUnit unit) {
    return String.format(
        Locale.ROOT, "%d hits, %.0f %s", table.size(row), table.energySum(row), unit.label());
  }

  /// A track from its target; the masks of the target are what the heads should find.
  public static Track track(
      String name,
      String caption,
      Evaluation.Picture picture,
      List<Track.Reconstruction> reconstructions) {
    int side = picture.side();
    float[] t = picture.target();
    FloatImage energy = FloatImage.ofChannel(side, side, t, 0, 3);
    FloatImage toa = FloatImage.ofChannel(side, side, t, 1, 3);
    FloatImage above = FloatImage.ofChannel(side, side, t, 2, 3);
    float[] mask = new float[side * side];
    for (int p = 0; p < mask.length; p++) {
      mask[p] = energy.at(p) > 0 ? 1 : 0;
    }
    return new Track(
        name,
        caption,
        energy,
        toa,
        above,
        energy,
        FloatImage.of(side, side, mask),
        above,
        reconstructions);
  }

  /// The reconstruction of a picture: the image as it is shown, and both masks as probabilities.
  public static Track.Reconstruction reconstruction(Evaluation.Picture picture) {
    int side = picture.side();
    float[] output = picture.output();
    float[] energy = new float[side * side];
    float[] cluster = new float[side * side];
    float[] threshold = new float[side * side];
    for (int p = 0; p < energy.length; p++) {
      energy[p] = Evaluation.show(output, p, 0);
      cluster[p] = Evaluation.probability(output, p, 3);
      threshold[p] = Evaluation.probability(output, p, 4);
    }
    return new Track.Reconstruction(
        FloatImage.of(side, side, energy),
        FloatImage.of(side, side, cluster),
        FloatImage.of(side, side, threshold));
  }

  /// Most memory that this process has held, in bytes; 0 where the system does not tell.
  public static long peakMemory() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
