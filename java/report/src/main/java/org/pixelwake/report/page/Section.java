package org.pixelwake.report.page;

/// A part of a report with a heading of its own and an entry in the table of contents.
public interface Section {
  /// Anchor in the page.
  String id();

  String title();

  /// Writes what stands below the heading.
  void render(Html html);
}
