package org.pixelwake.training.baseline;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.pixelwake.timepix.features.FeatureColumn;

/// How boosted trees are grown; names and meanings as in XGBoost.
///
/// @param rounds trees, or for three classes and more trees of each class
/// @param depth largest depth of a tree
/// @param learningRate share of a tree that is added
/// @param rowShare share of the clusters that a tree is grown from
/// @param columnShare share of the features that a tree is grown from
/// @param leastWeight least sum of second derivatives in a leaf
/// @param balanced weigh clusters so that all classes count the same
/// @param features what the trees see
public record BaselineOptions(
    int rounds,
    int depth,
    double learningRate,
    double rowShare,
    double columnShare,
    double leastWeight,
    boolean balanced,
    Set<FeatureColumn> features) {
  /// All features but those that tell where on the sensor a cluster lies, which no network sees
  /// either, and 300 rounds of trees of depth 6.
  public static final BaselineOptions DEFAULT =
      new BaselineOptions(
          300,
          6,
          0.1,
          0.8,
          0.8,
          1,
          false,
          EnumSet.complementOf(
              EnumSet.of(
                  FeatureColumn.X,
                  FeatureColumn.Y,
                  FeatureColumn.MEAN_X,
                  FeatureColumn.MEAN_Y,
                  FeatureColumn.EDGE)));

  public BaselineOptions {
    if (rounds < 1 || depth < 1 || features.isEmpty()) {
      throw new IllegalArgumentException(
          rounds + " rounds of depth " + depth + " on " + features.size() + " features");
    }
    checkShare("learning rate", learningRate);
    checkShare("share of rows", rowShare);
    checkShare("share of columns", columnShare);
    if (!(leastWeight >= 0)) {
      throw new IllegalArgumentException("least weight of a leaf is " + leastWeight);
    }
    features = Collections.unmodifiableSet(EnumSet.copyOf(features));
  }

  private static void checkShare(String name, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " is " + value + ", not in (0, 1]");
    }
  }

  /// The same with classes that count the same or not.
  public BaselineOptions withBalanced(boolean value) {
    return new BaselineOptions(
        rounds, depth, learningRate, rowShare, columnShare, leastWeight, value, features);
  }

  /// Returns the same with other trees: their largest depth, their share and their number.
  public BaselineOptions withTrees(int otherDepth, double otherRate, int otherRounds) {
    return new BaselineOptions(
        otherRounds, otherDepth, otherRate, rowShare, columnShare, leastWeight, balanced, features);
  }
}
