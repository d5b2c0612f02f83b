package org.pixelwake.report.page;

import java.util.List;

/// A part of a report with a heading of its own and an entry in the table of contents.
public interface Section {
  /// Anchor in the page.
  String id();

  /// Heading.
  String title();

  /// Writes what stands below the heading.
  void render(Html html);

  /// Returns true if there is nothing to show; a report leaves such a section out.
  default boolean isEmpty() {
    return false;
  }

  /// Returns true if its script draws with uPlot.
  default boolean usesPlots() {
    return false;
  }

  /// The figures that are written to files too.
  default List<Drawing> drawings() {
    return List.of();
  }

  /// Ids of figures are anchors and names of files, so they are kept plain.
  ///
  /// @throws IllegalArgumentException unless it is of small letters, digits and hyphens
  static void checkId(String id) {
    if (!id.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      throw new IllegalArgumentException(
          "id '" + id + "': only small letters, digits and hyphens, at most 64");
    }
  }

  /// A figure drawn as SVG: the same text stands in the page and in a file of its own.
  ///
  /// @param id anchor in the page and name of the file
  /// @param title heading
  /// @param svg the drawing
  record Drawing(String id, String title, String svg) {}
}
