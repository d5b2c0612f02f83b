package org.pixelwake.timepix.validation;

/// A part of the validation.
interface Topic {
  /// Simulates and compares.
  Comparison compare(Runner runner);
}
