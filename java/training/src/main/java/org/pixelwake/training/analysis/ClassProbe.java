package org.pixelwake.training.analysis;

/// A simple classifier that was fitted to features, by which it is told how much they hold of the
/// classes: the features themselves are not changed (frozen).
public sealed interface ClassProbe permits LogisticProbe, NeighbourProbe {
  /// Returns the probabilities (points, classes) that points are of each class.
  ///
  /// @param points (points, features), as many features as it was fitted to
  float[][] probabilities(float[][] points);

  /// Returns what cross-validation chose: the strength of the regularisation, or the number of
  /// neighbours.
  double chosen();
}
