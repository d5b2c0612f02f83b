package org.pixelwake.report;

/// A part of a report with a heading of its own and an entry in the table of contents.
interface Section {
  /// Anchor in the page.
  String id();

  String title();

  /// Writes what stands below the heading.
  void render(Html html);
}
