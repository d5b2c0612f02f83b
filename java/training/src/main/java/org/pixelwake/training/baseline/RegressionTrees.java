package org.pixelwake.training.baseline;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/// Calls XGBoost for regressions, as [BoostedTrees] does for classes; all others load without it.
///
/// One thread: a model is then the same bits whatever the machine.
final class RegressionTrees {
  private RegressionTrees() {}

  /// Grows trees.
  ///
  /// @return the model in XGBoost's binary form
  static byte[] grow(FeatureMatrix matrix, float[] values, long seed, BaselineOptions options) {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", "reg:squarederror");
    parameters.put("tree_method", "hist");
    parameters.put("max_depth", options.depth());
    parameters.put("eta", options.learningRate());
    parameters.put("subsample", options.rowShare());
    parameters.put("colsample_bytree", options.columnShare());
    parameters.put("min_child_weight", options.leastWeight());
    // XGBoost's seed has 31 bits.
    parameters.put("seed", (int) ((seed ^ seed >>> 32) & Integer.MAX_VALUE));
    parameters.put("nthread", 1);
    parameters.put("verbosity", 0);
    try {
      DMatrix data = data(matrix);
      try {
        data.setLabel(values);
        Booster booster =
            XGBoost.train(data, parameters, options.rounds(), new HashMap<>(), null, null);
        try {
          return booster.toByteArray();
        } finally {
          booster.dispose();
        }
      } finally {
        data.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot grow trees: " + e.getMessage(), e);
    }
  }

  static float[] values(byte[] model, FeatureMatrix matrix) {
    try {
      Booster booster = XGBoost.loadModel(model);
      booster.setParam("nthread", 1);
      DMatrix data = data(matrix);
      try {
        float[][] found = booster.predict(data);
        float[] values = new float[found.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = found[i][0];
        }
        return values;
      } finally {
        data.dispose();
        booster.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot predict: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalStateException("XGBoost cannot read its own model", e);
    }
  }

  private static DMatrix data(FeatureMatrix matrix) throws XGBoostError {
    return new DMatrix(matrix.values(), matrix.rows(), matrix.columns().size(), Float.NaN);
  }
}
