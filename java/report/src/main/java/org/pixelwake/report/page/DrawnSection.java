package org.pixelwake.report.page;

import java.util.List;

/// A section with figures that are written to files too.
public interface DrawnSection extends Section {
  List<Drawing> drawings();
}
