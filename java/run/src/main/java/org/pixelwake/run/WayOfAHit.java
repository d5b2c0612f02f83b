package org.pixelwake.run;

import java.nio.file.Path;
import java.util.Map;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.engine.Device;
import org.pixelwake.run.evaluation.Embedding;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.Trained;

/// The way of a hit: from a `.t3pa` file to clusters, a data set, a pretrained network, the
/// features that it finds, and a report. This program is an example to read and to start from; the
/// command line does the same in `pixelwake dataset`, `pretrain` and `embed`.
public final class WayOfAHit {
  private WayOfAHit() {}

  /// Runs the example.
  ///
  /// @param args a file of hits, a folder for what is made of it, and the steps of the training
  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: WayOfAHit HITS FOLDER STEPS, such as tracks.t3pa results 200");
      System.exit(2);
    }
    try {
      run(Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]));
    } catch (InputException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  static void run(Path hits, Path folder, int steps) {
    // Hits that touch in space and time are one cluster: the track of one particle.
    ClusterOptions options = ClusterOptions.defaults();
    try (ClusterStream clusters = ClusterStream.open(hits, options)) {
      for (int i = 0; i < 3 && clusters.hasNext(); i++) {
        Cluster cluster = clusters.next();
        IO.println("a cluster of " + cluster.size() + " hits, at " + cluster.time() + " ns");
      }
    }

    // A data set keeps all clusters in one Parquet file: one row per cluster, its hits as lists.
    Path dataset = folder.resolve("clusters.parquet");
    try (DatasetBuilder builder = DatasetBuilder.create(dataset, Version.CURRENT, Map.of())) {
      builder.add(hits, options, Progress.NONE);
      IO.println(dataset + ": " + builder.finish().clusters() + " clusters");
    }

    // The autoencoder learns to draw the image of every cluster, whose hits are partly masked.
    PretrainConfig config = new PretrainConfig();
    config.arch = "efficientnet_w0.5_d0.2"; // a small one; "efficientnet_b4" is the published one
    config.side = 64; // pixels of an image; 384 in the published one
    config.steps = steps;
    RunFolder run = new RunFolder(folder.resolve("run"));
    try (Device device = Device.choose("auto", 0, 0, IO::println)) {
      TrainingRun training = new TrainingRun(Host.SILENT, device, run);
      training.start(config, RunInput.of(dataset)); // writes run/report.html at the end

      // The encoder turns every cluster into features, in which tracks that look alike lie close.
      Path features = folder.resolve("features.parquet");
      try (Trained model = Trained.read(device, run.path())) {
        Embedding.write(model, config.batch, dataset, options, features, Host.SILENT);
        IO.println(features + ": " + model.features() + " features of every cluster");
      }
    }
    IO.println("report: " + run.report());
  }
}
