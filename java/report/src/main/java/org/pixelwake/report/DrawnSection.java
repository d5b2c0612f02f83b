package org.pixelwake.report;

import java.util.List;

/// A section with figures that are written to files too.
interface DrawnSection extends Section {
  List<Drawing> drawings();
}
