package org.pixelwake.run.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
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
import org.pixelwake.run.machine.Machine;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.SizeHistogram;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Pretraining;
import org.pixelwake.training.Training;
import org.pixelwake.training.TrainingData;

/// Makes the report of a pretraining run out of its folder.
public final class RunReports {
  /// Iterations pictured.
  private static final int ITERATIONS = 8;

  private RunReports() {}

  /// Goals that a run is held to, in a demo.
  public record Goals(double clusterIou, double thresholdIou, double mseRatio) {}

  /// The verdict's figures of an evaluation.
  ///
  /// @param overHits whether the network sees hits, not images
  /// @param goals that they are held to, or null
  public static List<Metric> metrics(
      Evaluation.Metrics m, boolean overHits, @Nullable Goals goals) {
    String which = "mean over " + m.clusters() + " held-out clusters that were never trained on";
    List<Metric> metrics = new ArrayList<>();
    metrics.add(
        new Metric(
            "Cluster-mask IoU",
            m.clusterIou(),
            "",
            goals == null ? null : Metric.Target.atLeast(goals.clusterIou()),
            (overHits
                    ? "Overlap of the hits that were left out and of those that the network puts"
                        + " beside the others, intersection over union; "
                    : "Overlap of the predicted and the true cluster, intersection over union; ")
                + which));
    metrics.add(
        new Metric(
            "Threshold-mask IoU",
            m.thresholdIou(),
            "",
            goals == null ? null : Metric.Target.atLeast(goals.thresholdIou()),
            overHits
                ? "The same for the hits above the energy threshold among those whose energy is"
                    + " hidden"
                : "The same for the pixels above the energy threshold"));
    metrics.add(
        new Metric(
            "Image MSE / all-zero MSE",
            m.mse() / m.zeroMse(),
            "",
            goals == null ? null : Metric.Target.atMost(goals.mseRatio()),
            overHits
                ? "Mean squared error over all pixels and channels of the pictures over that of an"
                    + " empty image; hits that the network sees stand as they are, those left out"
                    + " have no energy"
                : "Mean squared error over all pixels and channels of the reconstruction (the image"
                    + " head inside the predicted masks) over that of an empty image"));
    if (!overHits) {
      metrics.add(
          new Metric(
              "Image head alone / all-zero MSE",
              m.rawMse() / m.zeroMse(),
              "",
              null,
              "The same of the image head without the masks: its edges are blurred"));
    }
    if (!Double.isNaN(m.features())) {
      metrics.add(
          new Metric(
              "Loss of quantities",
              m.features(),
              "",
              null,
              "Huber's loss of size, energy, length and the like, in deviations, as told from the"
                  + " features"));
    }
    return metrics;
  }

  /// The state at the end of a session of training.
  public record Session(
      Device device,
      double clustersPerSecond,
      Duration wallTime,
      long parameters,
      int processes,
      String memoryPlan) {}

  /// Writes `report.html`.
  public static void write(
      RunFolder folder,
      Pretraining task,
      Training.Outcome<Pretraining.Losses, Evaluation.Metrics> outcome,
      Session session,
      @Nullable Goals goals) {
    PretrainConfig config = task.config();
    TrainingData data = task.data();
    Report.Builder report =
        Report.builder("Pretraining of " + config.arch)
            .summary(summary(config, data, outcome.step()));
    Evaluation.Metrics last = outcome.evaluation();
    if (last != null) {
      report.section(new MetricSection(metrics(last, config.overHits(), goals)));
    }
    Evaluation.Picture[] targets = task.pictures();
    if (targets.length > 0) {
      report.section(new GallerySection(gallery(folder, task, outcome.step(), targets)));
    }
    Device device = session.device();
    Map<String, String> environment = new LinkedHashMap<>(Machine.environment());
    environment.put("kernels", device.backend().buildInfo());
    if (session.processes() > 1) {
      environment.put("processes", Integer.toString(session.processes()));
    }
    report
        .section(new CurveSection(charts(folder, config)))
        .section(new HistogramSection(List.of(histogram(data))))
        .section(
            SettingsSection.timing(
                device.toString(),
                device.threads(),
                session.clustersPerSecond(),
                session.wallTime(),
                Machine.peakMemory(),
                environment));
    SettingsSection settings = SettingsSection.ofRun();
    config.describe().forEach((group, values) -> settings.add(heading(group), values));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("learned parameters", Texts.count(session.parameters()));
    facts.put("memory", session.memoryPlan());
    facts.put("data set", data.file().toString());
    data.info().sources().forEach(s -> facts.merge("sources", s.file(), (a, b) -> a + ", " + b));
    if (!config.overHits()) {
      facts.put("clusters larger than the image, shrunk", Texts.count(data.oversized()));
    }
    report.section(settings.add("Run", facts)).build().write(folder.report());
  }

  private static String heading(String group) {
    return Character.toUpperCase(group.charAt(0)) + group.substring(1);
  }

  private static String summary(PretrainConfig config, TrainingData data, long step) {
    String seen =
        config.overHits() ? "hit by hit" : "as images of %1$d x %1$d pixels".formatted(config.side);
    return String.format(
        Locale.ROOT,
        "An autoencoder with the encoder %s learned %s clusters in %s steps of %d, %s, with %.0f %%"
            + " of the hits hidden; %s further clusters were held out.",
        config.arch,
        Texts.count(data.train().length),
        Texts.count(step),
        config.batch,
        seen,
        100 * config.maskFraction,
        Texts.count(data.heldOut().length));
  }

  private static List<Figure> charts(RunFolder folder, PretrainConfig config) {
    boolean overHits = config.overHits();
    List<Figure> charts = new ArrayList<>();
    charts.add(
        loss(
            folder,
            "Total loss",
            overHits
                ? "Weighted sum of the parts. Training clusters are turned, held-out clusters are"
                    + " not; hits of both are hidden."
                : "Weighted sum of the parts. Training clusters are masked and turned, held-out"
                    + " clusters are shown whole.",
            "loss"));
    charts.add(
        loss(
            folder,
            "Image loss",
            overHits
                ? "Huber's loss of the logarithms of hidden energies, and of hidden times."
                : "Squared error of energy, time and threshold map, hit and empty pixels weighted"
                    + " apart.",
            "image_loss"));
    charts.add(
        loss(
            folder,
            "Cluster-mask loss",
            overHits
                ? "Cross-entropy of the places beside hits that look empty: was there a hit that"
                    + " was left out?"
                : "Cross-entropy and soft Dice of the mask of all hit pixels.",
            "cluster_loss"));
    charts.add(
        loss(
            folder,
            "Threshold-mask loss",
            overHits
                ? "Cross-entropy of hidden hits being above the energy threshold."
                : "The same for the pixels above the energy threshold.",
            "threshold_loss"));
    if (config.tellsQuantities()) {
      charts.add(
          loss(
              folder,
              "Loss of quantities",
              "Huber's loss of the cluster's size, energy, length and the like, in deviations, as"
                  + " told from its features.",
              "feature_loss"));
    }
    charts.add(
        Figure.overIterations(
            "Overlap of the masks",
            "IoU",
            false,
            "Intersection over union on held-out clusters; 1 is perfect.",
            List.of(
                line(folder, "cluster mask", Figure.Style.HELD_OUT, "heldout_cluster_iou"),
                line(folder, "threshold mask", Figure.Style.OTHER, "heldout_threshold_iou"))));
    charts.add(
        Figure.overIterations(
            "Learning rate",
            "",
            false,
            "A linear rise, then half a cosine.",
            List.of(line(folder, "learning rate", Figure.Style.OTHER, "learning_rate"))));
    return charts;
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
      RunFolder folder, Pretraining task, long step, Evaluation.Picture[] targets) {
    TrainingData data = task.data();
    int[] pictured = task.pictured();
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
        task.config().energyScale,
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
    FloatImage energy = target(picture, 0);
    FloatImage above = target(picture, 2);
    return new Track(
        name,
        caption,
        energy,
        target(picture, 1),
        above,
        energy,
        image(picture.side(), p -> energy.at(p) > 0 ? 1 : 0),
        above,
        reconstructions);
  }

  /// Returns a channel of the target of a picture: 0 energy, 1 time, 2 threshold map.
  public static FloatImage target(Evaluation.Picture picture, int channel) {
    return FloatImage.ofChannel(picture.side(), picture.side(), picture.target(), channel, 3);
  }

  /// The reconstruction of a picture: the image as it is shown, and both masks as probabilities.
  public static Track.Reconstruction reconstruction(Evaluation.Picture picture) {
    int side = picture.side();
    float[] output = picture.output();
    return new Track.Reconstruction(
        image(side, p -> Evaluation.show(output, p, 0)),
        image(side, p -> Evaluation.probability(output, p, 3)),
        image(side, p -> Evaluation.probability(output, p, 4)));
  }

  private static FloatImage image(int side, IntToDoubleFunction pixel) {
    float[] values = new float[side * side];
    for (int p = 0; p < values.length; p++) {
      values[p] = (float) pixel.applyAsDouble(p);
    }
    return FloatImage.of(side, side, values);
  }
}
