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

  /// Clusters to learn from.
  ///
  /// @param labels classes from 0
  /// @param weights of the clusters
  record Sample(FeatureMatrix matrix, float[] labels, float[] weights) {}

  /// Grows trees.
  ///
  /// @return the model in XGBoost's binary form
  static byte[] grow(Sample train, int classes, long seed, BaselineOptions options) {
    Map<String, Object> parameters = parameters(classes, seed, options);
    try {
      DMatrix data = data(train);
      try {
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

  /// Grows trees until the loss on other clusters has not become less for some rounds.
  ///
  /// @param options how trees are grown; its rounds are the most that there may be
  /// @param patience rounds without a smaller loss after which it ends
  /// @param round called after each
  /// @return weighted cross-entropy of the other clusters after each round
  static float[] losses(
      Sample train,
      Sample other,
      int classes,
      long seed,
      BaselineOptions options,
      int patience,
      Runnable round) {
    Map<String, Object> parameters = parameters(classes, seed, options);
    parameters.put("eval_metric", classes == 2 ? "logloss" : "mlogloss");
    float[] losses = new float[options.rounds()];
    float[] loss = new float[1];
    String[] names = {"other"};
    try {
      DMatrix data = data(train);
      try {
        DMatrix[] others = {data(other)};
        try {
          Booster booster = XGBoost.train(data, parameters, 0, new HashMap<>(), null, null);
          try {
            int best = 0;
            int done = 0;
            while (done < losses.length && done - best <= patience) {
              booster.update(data, done);
              booster.evalSet(others, names, done, loss);
              losses[done] = loss[0];
              best = losses[done] < losses[best] ? done : best;
              done++;
              round.run();
            }
            return Arrays.copyOf(losses, done);
          } finally {
            booster.dispose();
          }
        } finally {
          others[0].dispose();
        }
      } finally {
        data.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot grow trees: " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> parameters(int classes, long seed, BaselineOptions options) {
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
    return parameters;
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

  private static DMatrix data(Sample sample) throws XGBoostError {
    DMatrix data = data(sample.matrix());
    data.setLabel(sample.labels());
    data.setWeight(sample.weights());
    return data;
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
