package org.pixelwake.training.baseline;

import org.pixelwake.base.InputException;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.SensorShape;

/// Estimate of a quantity of clusters by their features: gradient boosted trees of XGBoost with
/// squared errors, as [FeatureBaseline] are with classes.
///
/// The same clusters, seed and options give the same bits.
///
/// @param sensor that the features refer to
/// @param options that the trees were grown with
/// @param model in the binary form of XGBoost (UBJSON), which its other languages read too
public record FeatureRegression(SensorShape sensor, BaselineOptions options, byte[] model) {
  /// Grows the trees.
  ///
  /// @param rows clusters to learn from
  /// @param values the quantity of each of them, finite
  /// @param seed of the draws of rows and columns
  /// @throws InputException where XGBoost is not in this installation
  /// @throws IllegalArgumentException where rows and values do not fit, or a value is not finite
  public static FeatureRegression fit(
      ClusterTable table,
      int[] rows,
      double[] values,
      SensorShape sensor,
      long seed,
      BaselineOptions options) {
    if (rows.length != values.length || rows.length == 0) {
      throw new IllegalArgumentException(rows.length + " clusters, " + values.length + " values");
    }
    float[] wanted = new float[values.length];
    for (int i = 0; i < wanted.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException("value " + i + " is " + values[i]);
      }
      wanted[i] = (float) values[i];
    }
    FeatureMatrix matrix = FeatureMatrix.of(table, rows, sensor, options.features());
    byte[] model =
        FeatureBaseline.withLibrary(() -> RegressionTrees.grow(matrix, wanted, seed, options));
    return new FeatureRegression(sensor, options, model);
  }

  /// Returns the estimates of the given clusters, in their order.
  public float[] values(ClusterTable table, int[] rows) {
    if (rows.length == 0) {
      return new float[0];
    }
    FeatureMatrix matrix = FeatureMatrix.of(table, rows, sensor, options.features());
    return FeatureBaseline.withLibrary(() -> RegressionTrees.values(model, matrix));
  }
}
