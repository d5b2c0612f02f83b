package org.pixelwake.run.evaluation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.report.section.GallerySection;
import org.pixelwake.report.section.MetricSection;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.Host;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.ClusterBatches;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.TrainedModel;

/// Measures and pictures what an autoencoder makes of clusters.
///
/// @param model the autoencoder
/// @param name of the model, for the report
/// @param pictured number of clusters that are pictured, of all sizes, the largest first
/// @param limit number of clusters that the figures are taken over, evenly spaced
/// @param batch clusters looked at in one run; the figures depend on it in their last bits
public record Reconstruction(TrainedModel model, String name, int pictured, int limit, int batch) {
  private record Results(Evaluation.Metrics metrics, int[] shown, Evaluation.Picture[] pictures) {}

  /// Writes `report.html`, `metrics.json` and `images/` of clusters.
  ///
  /// @param data a data set or detector data
  /// @param options how to read detector data
  /// @param folder to write to; it exists
  /// @return figures of the reconstructions
  /// @throws org.pixelwake.base.InputException where the data cannot be read or hold no cluster
  public Evaluation.Metrics write(Path data, ClusterOptions options, Path folder, Host host) {
    ClusterBatches.Part clusters;
    try (Host.Shown shown = host.progress("reconstructing")) {
      clusters = ClusterBatches.load(data, options, host.cancelling(shown));
    }
    Embedding.tellUnit(host, clusters.unit(), model.config().energyScale);
    Results results = evaluate(clusters.table());
    writeImages(results, folder.resolve("images"));
    JsonOutput.write(json(results.metrics), folder.resolve("metrics.json"));
    report(data, clusters, results).write(folder.resolve("report.html"));
    return results.metrics;
  }

  private Results evaluate(ClusterTable table) {
    int[] rows = new int[Math.min(table.count(), limit)];
    Arrays.setAll(rows, i -> (int) ((long) i * table.count() / rows.length));
    int[] shown = bySize(table, rows);
    try (Evaluation evaluation = model.evaluation(table, rows, batch)) {
      return new Results(evaluation.metrics(table, rows), shown, evaluation.pictures(table, shown));
    }
  }

  private int[] bySize(ClusterTable table, int[] rows) {
    List<Integer> order = new ArrayList<>(Arrays.stream(rows).boxed().toList());
    order.sort(Comparator.comparingInt(row -> -table.size(row)));
    int count = Math.min(pictured, rows.length);
    return IntStream.range(0, count)
        .map(i -> order.get((int) ((long) i * order.size() / count)))
        .toArray();
  }

  private static void writeImages(Results results, Path images) {
    RunFolders.create(images);
    for (int i = 0; i < results.shown.length; i++) {
      String name = String.format(Locale.ROOT, "cluster-%06d-", results.shown[i]);
      Track.Reconstruction found = RunReports.reconstruction(results.pictures[i]);
      write(images, name + "input", RunReports.target(results.pictures[i], 0), ColorMap.INFERNO);
      write(images, name + "energy", found.energy(), ColorMap.INFERNO);
      write(images, name + "cluster", found.clusterMask(), ColorMap.GRAY);
      write(images, name + "threshold", found.thresholdMask(), ColorMap.GRAY);
    }
  }

  private static void write(Path images, String name, FloatImage image, ColorMap colors) {
    Path file = images.resolve(name + ".png");
    RunFolders.writing(file, () -> PngWriter.write(file, image, colors, 0, 1));
  }

  private static ObjectNode json(Evaluation.Metrics m) {
    return JsonOutput.object()
        .put("clusters", m.clusters())
        .put("loss", m.total())
        .put("mse", m.mse())
        .put("raw_mse", m.rawMse())
        .put("zero_mse", m.zeroMse())
        .put("cluster_iou", m.clusterIou())
        .put("threshold_iou", m.thresholdIou());
  }

  private Report report(Path data, ClusterBatches.Part clusters, Results results) {
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < results.shown.length; i++) {
      int row = results.shown[i];
      Evaluation.Picture picture = results.pictures[i];
      tracks.add(
          RunReports.track(
              "Cluster " + row,
              RunReports.caption(clusters.table(), row, clusters.unit()),
              picture,
              List.of(RunReports.reconstruction(picture))));
    }
    Gallery gallery =
        new Gallery(
            "Input and reconstruction after " + Texts.count(model.step()) + " steps.",
            model.config().energyScale,
            clusters.unit().label(),
            List.of(model.step()),
            tracks);
    SettingsSection settings = SettingsSection.ofRun();
    model.config().describe().forEach(settings::add);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("model", name);
    files.put("data", data.toString());
    return Report.builder("Reconstructions by " + model.config().arch)
        .summary("Clusters of " + data + " and what the network makes of them.")
        .section(
            new MetricSection(RunReports.metrics(results.metrics, model.config().overHits(), null)))
        .section(new GallerySection(gallery))
        .section(settings.add("Files", files))
        .build();
  }
}
