package org.pixelwake.training;

import java.util.Arrays;
import java.util.List;
import org.pixelwake.training.target.Labels;
import org.pixelwake.training.target.RegressionTarget;
import org.pixelwake.training.target.TargetScale;

/// What a network makes of some clusters.
///
/// @param classes names of the classes
/// @param targets what is measured
/// @param outputs (clusters, columns): logits, then the normalised columns of the targets
public record ClassifierOutputs(
    List<String> classes, List<TargetScale> targets, float[][] outputs) {
  /// Several of one network as one, in their order.
  public static ClassifierOutputs joined(List<ClassifierOutputs> parts) {
    ClassifierOutputs first = parts.getFirst();
    return new ClassifierOutputs(
        first.classes,
        first.targets,
        parts.stream().flatMap(part -> Arrays.stream(part.outputs)).toArray(float[][]::new));
  }

  /// The mean over several images of the same clusters: of the probabilities, and of the columns of
  /// the targets.
  ///
  /// @param turned the outputs, each for the symmetry of its index, as
  ///   [org.pixelwake.engine.op.Rasterize.Attributes] counts them
  static ClassifierOutputs averaged(List<ClassifierOutputs> turned) {
    ClassifierOutputs first = turned.getFirst();
    float[][] means = new float[first.count()][];
    for (int i = 0; i < means.length; i++) {
      means[i] = first.mean(turned, i);
    }
    return new ClassifierOutputs(first.classes, first.targets, means);
  }

  private float[] mean(List<ClassifierOutputs> turned, int cluster) {
    double[] sums = new double[outputs[cluster].length];
    for (int symmetry = 0; symmetry < turned.size(); symmetry++) {
      ClassifierOutputs one = turned.get(symmetry);
      float[] probabilities = one.probabilities(cluster);
      float[] columns = one.outputs[cluster].clone();
      System.arraycopy(probabilities, 0, columns, 0, probabilities.length);
      int at = classes.size();
      for (TargetScale target : targets) {
        if (target.target() == RegressionTarget.PHI) {
          Turn.undo(symmetry, columns, at);
        }
        at += target.columns();
      }
      for (int c = 0; c < sums.length; c++) {
        sums[c] += columns[c];
      }
    }
    float[] mean = new float[sums.length];
    for (int c = 0; c < mean.length; c++) {
      double value = sums[c] / turned.size();
      // Logits whose softmax is the mean; a probability that is 0 in floating point stays finite.
      mean[c] = (float) (c < classes.size() ? Math.log(Math.max(value, Float.MIN_NORMAL)) : value);
    }
    return mean;
  }

  /// Number of clusters.
  public int count() {
    return outputs.length;
  }

  /// Probability of each class: softmax of the logits.
  public float[] probabilities(int cluster) {
    float[] probabilities = new float[classes.size()];
    double normaliser = logSum(cluster);
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] = (float) Math.exp(outputs[cluster][c] - normaliser);
    }
    return probabilities;
  }

  /// Logarithm of the sum of the exponentials of the logits.
  double logSum(int cluster) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes.size(); c++) {
      largest = Math.max(largest, outputs[cluster][c]);
    }
    double sum = 0;
    for (int c = 0; c < classes.size(); c++) {
      sum += Math.exp(outputs[cluster][c] - largest);
    }
    return largest + Math.log(sum);
  }

  /// The class of the largest probability, of equal ones the first; [Labels#NONE] where there are
  /// no classes.
  public int best(int cluster) {
    int best = Labels.NONE;
    for (int c = 0; c < classes.size(); c++) {
      if (best == Labels.NONE || outputs[cluster][c] > outputs[cluster][best]) {
        best = c;
      }
    }
    return best;
  }

  /// The measured value of a target, in its unit.
  ///
  /// @param target index in [#targets()]
  public float value(int cluster, int target) {
    int at = classes.size();
    for (int t = 0; t < target; t++) {
      at += targets.get(t).columns();
    }
    return targets.get(target).decode(outputs[cluster], at);
  }
}
