package org.pixelwake.training.baseline;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/// The only class that knows XGBoost, so that all others load without it.
///
/// One thread: a model is then the same bits whatever the machine, and small ones are quicker.
final class BoostedTrees {
  private BoostedTrees() {}

  /// Grows trees.
  ///
  /// @param labels classes from 0
  /// @param weights of the clusters
  /// @return the model in XGBoost's binary form
  static byte[] grow(
      FeatureMatrix matrix,
      float[] labels,
      float[] weights,
      int classes,
      long seed,
      BaselineOptions options) {
    Map<String, Object> parameters = new HashMap<>();
    if (classes == 2) {
      parameters.put("objective", "binary:logistic");
    } else {
      parameters.put("objective", "multi:softprob");
      parameters.put("num_class", classes);
    }
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
        data.setLabel(labels);
        data.setWeight(weights);
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

  static float[][] probabilities(byte[] model, FeatureMatrix matrix, int classes) {
    try {
      Booster booster = load(model);
      DMatrix data = data(matrix);
      try {
        float[][] raw = booster.predict(data);
        return classes == 2 ? ofTwo(raw) : raw;
      } finally {
        data.dispose();
        booster.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot predict: " + e.getMessage(), e);
    }
  }

  // Of two classes XGBoost gives the probability of the second alone.
  private static float[][] ofTwo(float[][] raw) {
    return Arrays.stream(raw).map(p -> new float[] {1 - p[0], p[0]}).toArray(float[][]::new);
  }

  /// Loss that the splits by each column took away, all trees together.
  static double[] gains(byte[] model, int columns) {
    String[] names = IntStream.range(0, columns).mapToObj(c -> "f" + c).toArray(String[]::new);
    try {
      Booster booster = load(model);
      try {
        Map<String, Double> scores = booster.getScore(names, "total_gain");
        // Columns that no tree splits by are missing.
        return Arrays.stream(names).mapToDouble(name -> scores.getOrDefault(name, 0.0)).toArray();
      } finally {
        booster.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot tell gains: " + e.getMessage(), e);
    }
  }

  private static DMatrix data(FeatureMatrix matrix) throws XGBoostError {
    return new DMatrix(matrix.values(), matrix.rows(), matrix.columns().size(), Float.NaN);
  }

  private static Booster load(byte[] model) throws XGBoostError {
    try {
      Booster booster = XGBoost.loadModel(model);
      booster.setParam("nthread", 1);
      return booster;
    } catch (IOException e) {
      throw new IllegalStateException("XGBoost cannot read its own model", e);
    }
  }
}
