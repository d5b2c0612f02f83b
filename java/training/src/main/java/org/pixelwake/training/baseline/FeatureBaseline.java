package org.pixelwake.training.baseline;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.SensorShape;

/// Classifier of clusters by their features, without any network: gradient boosted trees of XGBoost
/// (T. Chen, C. Guestrin, "XGBoost: a scalable tree boosting system", KDD 2016). Features without a
/// value go the way that lowers the loss of each split.
///
/// The same clusters, seed and options give the same bits.
///
/// @param sensor that the features refer to
/// @param classes number of classes
/// @param options that the trees were grown with
/// @param columns what the trees see
/// @param model in the binary form of XGBoost (UBJSON), which its other languages read too
public record FeatureBaseline(
    SensorShape sensor,
    int classes,
    BaselineOptions options,
    List<FeatureColumn> columns,
    byte[] model) {
  /// Grows the trees.
  ///
  /// @param rows clusters to learn from
  /// @param labels their classes, from 0 to `classes` - 1; not all classes need occur
  /// @param seed of the draws of rows and columns
  /// @throws InputException where XGBoost is not in this installation
  /// @throws IllegalArgumentException where rows and labels do not fit
  public static FeatureBaseline fit(
      ClusterTable table,
      int[] rows,
      int[] labels,
      int classes,
      SensorShape sensor,
      long seed,
      BaselineOptions options) {
    BoostedTrees.Sample train = sample(table, rows, labels, classes, sensor, options);
    byte[] model = withLibrary(() -> BoostedTrees.grow(train, classes, seed, options));
    return new FeatureBaseline(sensor, classes, options, train.matrix().columns(), model);
  }

  static BoostedTrees.Sample sample(
      ClusterTable table,
      int[] rows,
      int[] labels,
      int classes,
      SensorShape sensor,
      BaselineOptions options) {
    if (rows.length != labels.length || rows.length == 0 || classes < 2) {
      throw new IllegalArgumentException(
          rows.length + " clusters, " + labels.length + " labels, " + classes + " classes");
    }
    float[] weights = weights(labels, classes, options.balanced());
    float[] targets = new float[labels.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels[i];
    }
    FeatureMatrix matrix = FeatureMatrix.of(table, rows, sensor, options.features());
    return new BoostedTrees.Sample(matrix, targets, weights);
  }

  /// Probabilities (clusters, classes) of the given clusters, in their order.
  public float[][] probabilities(ClusterTable table, int[] rows) {
    if (rows.length == 0) {
      return new float[0][];
    }
    FeatureMatrix matrix = FeatureMatrix.of(table, rows, sensor, options.features());
    return withLibrary(() -> BoostedTrees.probabilities(model, matrix, classes));
  }

  /// How much each feature helps: its share of the loss that all splits took away. Features that
  /// tell the same share it by chance.
  public Map<FeatureColumn, Double> importance() {
    double[] gains = withLibrary(() -> BoostedTrees.gains(model, columns.size()));
    double sum = Arrays.stream(gains).sum();
    Map<FeatureColumn, Double> shares = new EnumMap<>(FeatureColumn.class);
    for (int c = 0; c < gains.length; c++) {
      shares.put(columns.get(c), sum == 0 ? 0 : gains[c] / sum);
    }
    return shares;
  }

  private static float[] weights(int[] labels, int classes, boolean balanced) {
    int[] counts = new int[classes];
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException("label " + label + " is none of " + classes);
      }
      counts[label]++;
    }
    int occur = (int) Arrays.stream(counts).filter(count -> count > 0).count();
    float[] weights = new float[labels.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = balanced ? (float) labels.length / occur / counts[labels[i]] : 1;
    }
    return weights;
  }

  static <T> T withLibrary(Supplier<T> call) {
    try {
      return call.get();
    } catch (LinkageError e) {
      throw new InputException(
          "XGBoost",
          "boosted trees need it, and it is not in this installation or cannot be loaded",
          "Put the jar of ml.dmlc:xgboost4j_2.12 from Maven Central into its folder of jars, and"
              + " see that libgomp is installed",
          e);
    }
  }
}
