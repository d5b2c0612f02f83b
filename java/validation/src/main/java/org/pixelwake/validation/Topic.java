package org.pixelwake.validation;

import org.pixelwake.report.section.Finding;

/// A part of the validation.
interface Topic {
  /// Simulates and compares.
  Finding compare(Runner runner);
}
