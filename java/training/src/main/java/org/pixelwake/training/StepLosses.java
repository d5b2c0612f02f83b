package org.pixelwake.training;

/// The losses that one step of training reports.
public interface StepLosses {
  /// Returns the weighted sum of all parts, which is what is minimised.
  double total();

  /// Returns the norm of all gradients before clipping.
  double gradientNorm();

  /// Returns whether training can go on from here.
  default boolean finite() {
    return Double.isFinite(total() + gradientNorm());
  }
}
