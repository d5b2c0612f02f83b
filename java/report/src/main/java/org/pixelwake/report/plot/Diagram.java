package org.pixelwake.report.plot;

import org.pixelwake.report.page.Table;

/// A plot that is described once and drawn by one code as SVG, for the page and for files.
public interface Diagram {
  /// Anchor in the page and name of the files.
  String id();

  /// Heading.
  String title();

  /// One or two sentences below the plot: what is shown and how to read it.
  String caption();

  /// Draws the plot.
  ///
  /// @param palette gives every variation its colour
  String svg(Palette palette);

  /// The values as a table.
  Table table();

  /// Numbers as JSON, for script that reads values at the pointer; empty where there is none.
  default String values() {
    return "";
  }
}
