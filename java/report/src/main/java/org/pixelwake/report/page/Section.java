package org.pixelwake.report.page;

import java.util.List;

/// A part of a report with a heading of its own and an entry in the table of contents.
public abstract class Section {
  private final String id;
  private final String title;
  private final boolean empty;

  /// @param id anchor in the page
  /// @param title heading
  /// @param empty whether there is nothing to show; a report leaves such a section out
  protected Section(String id, String title, boolean empty) {
    this.id = id;
    this.title = title;
    this.empty = empty;
  }

  /// Anchor in the page.
  public final String id() {
    return id;
  }

  /// Heading.
  public final String title() {
    return title;
  }

  /// Writes what stands below the heading.
  public abstract void render(Html html);

  /// Returns true if there is nothing to show.
  public boolean isEmpty() {
    return empty;
  }

  /// The figures that are written to files too.
  public List<Drawing> drawings() {
    return List.of();
  }

  /// A figure drawn as SVG: the same text stands in the page and in a file of its own.
  ///
  /// @param id anchor in the page and name of the file
  /// @param title heading
  /// @param svg the drawing
  public record Drawing(String id, String title, String svg) {}
}
