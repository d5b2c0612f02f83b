package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.RunReport;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.TrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake reconstruct`.
@Command(
    name = "reconstruct",
    description = {
      "Shows what a trained autoencoder makes of clusters.",
      "",
      "Writes a folder with report.html, metrics.json and, for each pictured cluster, PNG images of"
          + " the input, the reconstructed energy and both masks. The figures are means over all"
          + " clusters of the file, or over --limit of them; a cluster that a model was trained on"
          + " counts like any other.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  pixelwake reconstruct run other-tracks.parquet -o pictures --clusters 24")
public final class ReconstructCommand extends PixelwakeCommand {
  private static final int BATCH = 16;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "model.safetensors of a run, or the run's folder.")
  private @Nullable Path model;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector file.")
  private @Nullable Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      defaultValue = "reconstruction",
      description = "Folder to write to.")
  private Path output = Path.of("reconstruction");

  @Option(
      names = "--clusters",
      paramLabel = "N",
      defaultValue = "16",
      description = "Clusters pictured, of all sizes, the largest first.")
  private int pictured;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Clusters that the figures are taken over, evenly spaced.")
  private int limit;

  @Option(names = "--force", description = "Write into a folder that exists.")
  private boolean force;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  ReconstructCommand() {}

  @Override
  public Integer call() {
    if (pictured < 0 || limit < 1) {
      throw new InputException(
          "--clusters, --limit", "is out of range", "Picture 0 or more, measure 1 or more");
    }
    if (Files.exists(output) && !force) {
      throw new InputException(output, "exists", "Choose another folder with -o, or give --force");
    }
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("reconstructing");
        Device opened = device.open(console());
        TrainedModel trained = TrainedModel.read(opened, given(model))) {
      Table table = read(given(data), interrupt, line);
      tellUnit(trained.config(), table);
      int[] rows = spread(table.clusters().count(), limit);
      int[] shown = bySize(table.clusters(), rows, pictured);
      Evaluation.Metrics metrics;
      Evaluation.Picture[] pictures;
      try (Evaluation evaluation = trained.evaluation(table.clusters(), rows, BATCH)) {
        metrics = evaluation.metrics(table.clusters(), rows);
        pictures = evaluation.pictures(table.clusters(), shown);
      }
      line.clear();
      RunFolders.create(output);
      writePictures(pictures, shown);
      writeMetrics(metrics);
      writeReport(trained, table, metrics, pictures, shown);
      print(metrics);
    }
    return ExitCode.OK;
  }

  private record Table(ClusterTable clusters, EnergyUnit unit, Path file) {}

  private Table read(Path file, Interrupt interrupt, ProgressLine line) {
    if (FileKind.of(file) == FileKind.DATASET) {
      try (DatasetReader reader = DatasetReader.open(file)) {
        EnergyUnit unit = reader.info().unit();
        return new Table(reader.loadAll(interrupt.cancelling(line)), unit, file);
      }
    }
    List<Cluster> clusters = new ArrayList<>();
    EnergyUnit unit;
    try (ClusterStream stream = ClusterStream.open(file, source.read())) {
      unit = stream.info().unit();
      while (stream.hasNext()) {
        clusters.add(stream.next());
        if (clusters.size() % 1000 == 0) {
          interrupt.check();
          line.update(stream.bytesRead(), stream.bytesTotal(), "bytes", "");
        }
      }
    }
    if (clusters.isEmpty()) {
      throw new InputException(file, "holds no cluster", "See with `pixelwake info` what it holds");
    }
    return new Table(ClusterTable.of(clusters, 0), unit, file);
  }

  // A model does not know whether its scales were keV or ToT, so the user is told what they meet.
  private void tellUnit(PretrainConfig config, Table table) {
    console()
        .notice(
            String.format(
                Locale.ROOT,
                "energies are in %s and divided by %.4g as in training",
                RunReports.unitName(table.unit()),
                config.energyScale));
  }

  private static int[] spread(int count, int limit) {
    int[] rows = new int[Math.min(count, limit)];
    Arrays.setAll(rows, i -> (int) ((long) i * count / rows.length));
    return rows;
  }

  private static int[] bySize(ClusterTable table, int[] rows, int count) {
    List<Integer> order = new ArrayList<>(Arrays.stream(rows).boxed().toList());
    order.sort(Comparator.comparingInt((Integer row) -> -table.size(row)));
    int[] shown = new int[Math.min(count, rows.length)];
    Arrays.setAll(shown, i -> order.get((int) ((long) i * order.size() / shown.length)));
    return shown;
  }

  private void writePictures(Evaluation.Picture[] pictures, int[] shown) {
    Path images = output.resolve("images");
    RunFolders.create(images);
    try {
      for (int i = 0; i < pictures.length; i++) {
        String name = String.format(Locale.ROOT, "cluster-%06d-", shown[i]);
        int side = pictures[i].side();
        FloatImage input = FloatImage.ofChannel(side, side, pictures[i].target(), 0, 3);
        Track.Reconstruction found = reconstruction(pictures[i]);
        PngWriter.write(images.resolve(name + "input.png"), input, ColorMap.INFERNO, 0, 1);
        PngWriter.write(
            images.resolve(name + "energy.png"), found.energy(), ColorMap.INFERNO, 0, 1);
        PngWriter.write(
            images.resolve(name + "cluster.png"), found.clusterMask(), ColorMap.GRAY, 0, 1);
        PngWriter.write(
            images.resolve(name + "threshold.png"), found.thresholdMask(), ColorMap.GRAY, 0, 1);
      }
    } catch (IOException e) {
      throw InputException.unwritable(images, e);
    }
  }

  private static Track.Reconstruction reconstruction(Evaluation.Picture picture) {
    int side = picture.side();
    float[] masks = new float[2 * side * side];
    float[] energy = new float[side * side];
    for (int p = 0; p < side * side; p++) {
      energy[p] = Evaluation.show(picture.output(), p, 0);
      masks[2 * p] = Evaluation.probability(picture.output(), p, 3);
      masks[2 * p + 1] = Evaluation.probability(picture.output(), p, 4);
    }
    return new Track.Reconstruction(
        FloatImage.of(side, side, energy),
        FloatImage.ofChannel(side, side, masks, 0, 2),
        FloatImage.ofChannel(side, side, masks, 1, 2));
  }

  private void writeMetrics(Evaluation.Metrics m) {
    ObjectNode object = JsonOutput.object();
    object.put("clusters", m.clusters());
    object.put("loss", m.total());
    object.put("mse", m.mse());
    object.put("raw_mse", m.rawMse());
    object.put("zero_mse", m.zeroMse());
    object.put("cluster_iou", m.clusterIou());
    object.put("threshold_iou", m.thresholdIou());
    Path file = output.resolve("metrics.json");
    try {
      AtomicFile.write(file, JsonOutput.text(object) + System.lineSeparator());
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  private void writeReport(
      TrainedModel trained,
      Table table,
      Evaluation.Metrics metrics,
      Evaluation.Picture[] pictures,
      int[] shown) {
    PretrainConfig config = trained.config();
    List<Track> tracks = new ArrayList<>();
    for (int i = 0; i < pictures.length; i++) {
      tracks.add(
          RunReports.track(
              "Cluster " + shown[i],
              RunReports.caption(table.clusters(), shown[i], table.unit()),
              pictures[i],
              List.of(reconstruction(pictures[i]))));
    }
    RunReport.Builder report =
        RunReport.builder("Reconstructions by " + config.arch)
            .summary("Clusters of " + table.file() + " and what the network makes of them.")
            .metrics(RunReports.metrics(metrics, null));
    if (!tracks.isEmpty()) {
      report.gallery(
          new Gallery(
              "Input and reconstruction after " + Texts.count(trained.step()) + " steps.",
              config.energyScale,
              RunReports.unitName(table.unit()),
              List.of(trained.step()),
              tracks));
    }
    config.describe().forEach(report::settings);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("model", String.valueOf(model));
    files.put("data", table.file().toString());
    report.settings("Files", files);
    RunReports.write(report.build(), output.resolve("report.html"));
  }

  private void print(Evaluation.Metrics m) {
    out()
        .println(
            String.format(
                Locale.ROOT,
                "%s clusters: cluster IoU %.4f, threshold IoU %.4f, MSE %.3e (empty image %.3e)",
                Texts.count(m.clusters()),
                m.clusterIou(),
                m.thresholdIou(),
                m.mse(),
                m.zeroMse()));
    out().println("report: " + output.resolve("report.html"));
  }
}
