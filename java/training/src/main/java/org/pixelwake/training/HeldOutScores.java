package org.pixelwake.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.training.metrics.ConfusionCounts;
import org.pixelwake.training.target.TargetScale;

/// How good predictions of held-out clusters are.
///
/// @param loss as in training: weighted sum of the two parts, with class weights and label
///   smoothing
/// @param classLoss cross-entropy of it
/// @param valueLoss Huber's loss of it
/// @param accuracy part of the clusters whose class has the largest probability; NaN without
///   classes
/// @param balancedAccuracy mean over the classes of the part of their clusters that is right; NaN
///   without classes
/// @param errors of each target the mean absolute error, of log10 for energies; NaN where no
///   cluster's value is known
/// @param confusion clusters by true (row) and found class (column)
/// @param clusters looked at
public record HeldOutScores(
    double loss,
    double classLoss,
    double valueLoss,
    double accuracy,
    double balancedAccuracy,
    List<Double> errors,
    List<List<Long>> confusion,
    int clusters) {

  /// Judges predictions.
  ///
  /// @param rows of the predictions in the table of the data
  static HeldOutScores of(
      ClassifierOutputs predictions, FinetuneData data, int[] rows, FinetuneConfig config) {
    int classes = data.classes().size();
    float[] weights = data.classWeights(config.classWeighting());
    Loss.Supervision s = config.supervision(classes, TargetScale.columns(data.targets()));
    long[][] counts = new long[classes][classes];
    double classLoss = 0;
    double valueLoss = 0;
    for (int i = 0; i < rows.length; i++) {
      int label = data.label(rows[i]);
      if (label >= 0) {
        classLoss += crossEntropy(predictions, i, label, weights, s.labelSmoothing());
        counts[label][predictions.best(i)]++;
      }
      valueLoss += huber(predictions, i, data, rows[i], s);
    }
    ConfusionCounts confusion = new ConfusionCounts(counts);
    int n = rows.length;
    double total = s.classPart() * classLoss + s.valuePart() * valueLoss;
    return new HeldOutScores(
        total / n,
        classLoss / n,
        valueLoss / n,
        confusion.accuracy(),
        confusion.balancedAccuracy(),
        errors(predictions, data, rows),
        Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList(),
        n);
  }

  private static double crossEntropy(
      ClassifierOutputs predictions, int i, int label, float[] weights, double smoothing) {
    float[] logits = predictions.outputs()[i];
    double normaliser = predictions.logSum(i);
    double loss = 0;
    for (int c = 0; c < weights.length; c++) {
      double part = smoothing / weights.length + (c == label ? 1 - smoothing : 0);
      loss += part * weights[c] * (normaliser - logits[c]);
    }
    return loss;
  }

  private static double huber(
      ClassifierOutputs predictions, int i, FinetuneData data, int row, Loss.Supervision s) {
    if (s.targets() == 0) {
      return 0;
    }
    float[] wanted = new float[s.targets()];
    int at = 0;
    for (TargetScale scale : data.targets()) {
      scale.encode(scale.target().of(data.table(), row), wanted, at);
      at += scale.columns();
    }
    double sum = 0;
    for (int t = 0; t < wanted.length; t++) {
      double d = Math.abs(predictions.outputs()[i][s.classes() + t] - wanted[t]);
      if (!Double.isNaN(d)) {
        double delta = s.huberDelta();
        sum += d <= delta ? d * d / 2 : delta * (d - delta / 2);
      }
    }
    return sum / wanted.length;
  }

  private static List<Double> errors(ClassifierOutputs predictions, FinetuneData data, int[] rows) {
    List<Double> errors = new ArrayList<>();
    for (int t = 0; t < data.targets().size(); t++) {
      TargetScale scale = data.targets().get(t);
      double sum = 0;
      int known = 0;
      for (int i = 0; i < rows.length; i++) {
        float truth = scale.target().of(data.table(), rows[i]);
        double error = scale.error(predictions.value(i, t), truth);
        if (!Double.isNaN(error)) {
          sum += Math.abs(error);
          known++;
        }
      }
      errors.add(sum / known);
    }
    return List.copyOf(errors);
  }

  /// The figure that is watched; larger is better.
  double watched(FinetuneConfig.Monitor monitor) {
    return switch (monitor) {
      case LOSS -> -loss;
      case ACCURACY -> accuracy;
      case BALANCED_ACCURACY -> balancedAccuracy;
    };
  }
}
