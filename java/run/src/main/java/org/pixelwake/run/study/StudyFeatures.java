package org.pixelwake.run.study;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Host;
import org.pixelwake.run.RunFolder;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureFinder;
import org.pixelwake.training.FinetuneConfig;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.Trained;
import org.pixelwake.training.Training;
import org.pixelwake.training.analysis.FeatureRanks;
import org.pixelwake.training.analysis.KMeans;
import org.pixelwake.training.analysis.LinearProbe;
import org.pixelwake.training.analysis.Pca;
import org.pixelwake.training.analysis.TrackQuantities;
import org.pixelwake.training.analysis.Umap;
import org.pixelwake.training.analysis.UmapOptions;

/// Feature vectors of test clusters after pretraining and after finetuning: what a linear probe
/// reads from them, and, of the first seed, their maps.
record StudyFeatures(StudyFolder folder, StudyPlan plan, Device device, Host host) {
  /// What the report draws.
  ///
  /// @param rows of the test clusters in their table
  /// @param labels their classes
  /// @param classes names
  /// @param quantities what is known of the clusters, by name
  /// @param stages "after pretraining", "after finetuning"
  /// @param maps by title: x and y of each cluster, and indices of those that k-means picked; empty
  ///   where it is not the first seed
  /// @param probes R2 of all clusters by stage and quantity, mean over the folds
  /// @param trackProbes the same of tracks: clusters of more than 8 hits
  public record Result(
      int[] rows,
      int[] labels,
      List<String> classes,
      Map<String, double[]> quantities,
      List<String> stages,
      Map<String, Map2d> maps,
      List<Map<String, Double>> probes,
      List<Map<String, Double>> trackProbes) {}

  /// A map.
  public record Map2d(double[] x, double[] y, int[] picks, String note) {}

  private static final int BATCH = 64;
  private static final int FOLDS = 5;
  private static final int LEAST_KNOWN = 10 * FOLDS;
  private static final int PICKS = 24;
  private static final int COMPONENTS = 32;

  /// Whether the plan names a variation with pretraining.
  boolean possible() {
    StudyPlan.Variation one = plan.variations().get(plan.roles().pretrained());
    return one != null && one.pretraining() != null;
  }

  /// Computes and writes it.
  ///
  /// @return false where it was asked to stop
  boolean run(long seed, Progress line) {
    String name = plan.roles().pretrained();
    StudyPlan.Variation variation = plan.variations().get(name);
    if (variation == null) {
      throw new IllegalStateException("asked only where it is possible");
    }
    FinetuneConfig config =
        Training.resumable(folder.finetuning(name, seed).path(), FinetuneConfig.class).config();
    config.minHits = 1;
    config.maxHits = Integer.MAX_VALUE;
    List<String> classes =
        folder.read("finetune", name, seed, StudyScores.class).orElseThrow().classes();
    Path test = Study.dataset(folder, plan, variation.data(), true);
    Study.Measured measured = Study.Measured.read(test, config, classes);
    ClusterTable table = measured.table();
    int[] chosen = spread(measured.rows().length, plan.map());
    int[] rows = Arrays.stream(chosen).map(i -> measured.rows()[i]).toArray();
    int[] labels = Arrays.stream(chosen).map(i -> measured.labels()[i]).toArray();
    Map<String, double[]> quantities = quantities(table, rows);
    List<String> stages = List.of("after pretraining", "after finetuning");
    List<RunFolder> models =
        List.of(
            folder.pretraining(String.valueOf(variation.pretraining()), seed),
            folder.finetuning(name, seed));
    Map<String, Map2d> maps = new LinkedHashMap<>();
    List<Map<String, Double>> probes = new ArrayList<>();
    List<Map<String, Double>> trackProbes = new ArrayList<>();
    int[] all = IntStream.range(0, rows.length).toArray();
    int[] tracks =
        Arrays.stream(all).filter(i -> table.size(rows[i]) > StudyScores.SMALL).toArray();
    for (int s = 0; s < stages.size(); s++) {
      line.update(s, stages.size(), "stages", "");
      if (host.stopRequested()) {
        return false;
      }
      float[][] features = features(models.get(s), table, rows);
      probes.add(probe(features, quantities, all, seed));
      trackProbes.add(probe(features, quantities, tracks, seed));
      if (seed == plan.seeds().getFirst()) {
        maps(maps, stages.get(s), FeatureRanks.of(features), seed);
      }
    }
    folder.write(
        "features",
        "map",
        seed,
        new Result(rows, labels, classes, quantities, stages, maps, probes, trackProbes));
    return true;
  }

  private static int[] spread(int count, int most) {
    int n = Math.min(count, most);
    int[] chosen = new int[n];
    Arrays.setAll(chosen, i -> (int) ((long) i * count / n));
    return chosen;
  }

  private float[][] features(RunFolder run, ClusterTable table, int[] rows) {
    try (Trained trained = Trained.read(device, run.path());
        Predictor predictor = trained.predictor(BATCH)) {
      return predictor.embed(table, rows);
    }
  }

  private static Map<String, double[]> quantities(ClusterTable table, int[] rows) {
    FeatureFinder finder = new FeatureFinder(Study.SENSOR);
    List<ClusterFeatures> features =
        Arrays.stream(rows).mapToObj(row -> finder.of(table.cluster(row))).toList();
    Map<String, double[]> quantities = new LinkedHashMap<>();
    // A single pixel has no axis, and the length of a pixel.
    quantities.put(
        "azimuth",
        values(rows, i -> table.size(rows[i]) > 1 ? features.get(i).azimuth() : Double.NaN));
    quantities.put("length", values(rows, i -> features.get(i).length() + 1));
    quantities.put("energy", values(rows, i -> table.energySum(rows[i])));
    quantities.put("size", values(rows, i -> table.size(rows[i])));
    if (table.hasTruth()) {
      quantities.put("theta", values(rows, i -> truth(table, rows[i], Truth::thetaDegrees)));
      quantities.put("phi", values(rows, i -> truth(table, rows[i], Truth::phiDegrees)));
    }
    return quantities;
  }

  private static double[] values(int[] rows, IntToDoubleFunction of) {
    return IntStream.range(0, rows.length).mapToDouble(of).toArray();
  }

  private static double truth(ClusterTable table, int row, ToDoubleFunction<Truth> of) {
    Truth truth = table.truth(row);
    return truth == null ? Double.NaN : of.applyAsDouble(truth);
  }

  private static Map<String, Double> probe(
      float[][] features, Map<String, double[]> quantities, int[] chosen, long seed) {
    Map<String, double[][]> forms = new LinkedHashMap<>();
    TrackQuantities.of(
            of(quantities, "azimuth", chosen),
            of(quantities, "length", chosen),
            of(quantities, "energy", chosen),
            of(quantities, "size", chosen),
            of(quantities, "theta", chosen),
            of(quantities, "phi", chosen))
        .forEach((name, parts) -> {
          if (Arrays.stream(parts[0]).filter(Double::isFinite).count() >= LEAST_KNOWN) {
            forms.put(name, parts);
          }
        });
    Map<String, Double> scores = new LinkedHashMap<>();
    if (!forms.isEmpty()) {
      float[][] points = Arrays.stream(chosen).mapToObj(i -> features[i]).toArray(float[][]::new);
      for (LinearProbe probe : LinearProbe.of(points, forms, FOLDS, seed)) {
        scores.put(probe.quantity(), probe.mean());
      }
    }
    return scores;
  }

  private static double[] of(Map<String, double[]> quantities, String name, int[] chosen) {
    double[] values = quantities.getOrDefault(name, new double[0]);
    return values.length == 0
        ? values
        : Arrays.stream(chosen).mapToDouble(i -> values[i]).toArray();
  }

  private static void maps(Map<String, Map2d> maps, String stage, float[][] features, long seed) {
    int components = Math.min(COMPONENTS, Math.min(features[0].length, features.length - 1));
    Pca pca = Pca.fit(features, components);
    float[][] reduced = pca.project(features);
    // Clusters of the same shape and energies have the same features.
    long different = Arrays.stream(reduced).map(FloatBuffer::wrap).distinct().count();
    int[] picks = KMeans.fit(reduced, (int) Math.min(PICKS, different), seed).exemplars();
    double[] explained = pca.explained();
    String note =
        String.format(
            Locale.ROOT,
            "The two axes hold %.0f and %.0f %% of the variance of the features' ranks.",
            100 * explained[0],
            100 * explained[1]);
    maps.put("PCA " + stage, map(reduced, picks, note));
    maps.put("UMAP " + stage, map(Umap.embed(reduced, UmapOptions.DEFAULT, seed), picks, ""));
  }

  private static Map2d map(float[][] points, int[] picks, String note) {
    return new Map2d(axis(points, 0), axis(points, 1), picks, note);
  }

  private static double[] axis(float[][] points, int axis) {
    return Arrays.stream(points).mapToDouble(point -> point[axis]).toArray();
  }
}
