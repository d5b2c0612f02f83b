package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Palette;

/// Plots side by side, each with its values as a table.
///
/// @param note one or two sentences above the plots
/// @param palette the one of the whole report
public record DiagramSection(
    String id, String title, String note, List<? extends Diagram> diagrams, Palette palette)
    implements Section {
  /// Copies the list.
  public DiagramSection {
    diagrams = List.copyOf(diagrams);
  }

  /// Lines over the steps of trainings.
  public static DiagramSection curves(List<? extends Diagram> diagrams, Palette palette) {
    return new DiagramSection(
        "curves",
        "Curves over the training",
        "Each line is the mean of a variation over its seeds. Point at a plot, or focus it and use"
            + " the arrow keys, to read values; a name of the legend hides and shows its line.",
        diagrams,
        palette);
  }

  /// Metrics in bins of physical quantities.
  public static DiagramSection binned(List<? extends Diagram> diagrams, Palette palette) {
    return new DiagramSection(
        "by-quantity",
        "Where it works: by physical quantity",
        "Each point is a metric in one bin; points of a bin stand side by side so that their bars can"
            + " be read. Faint columns show how many clusters each bin holds.",
        diagrams,
        palette);
  }

  /// ROC curves, reliability diagrams and confusion matrices.
  public static DiagramSection quality(List<? extends Diagram> diagrams, Palette palette) {
    return new DiagramSection(
        "classification",
        "Classification in detail",
        "How well scores separate the classes (ROC), whether a probability can be taken at its word"
            + " (reliability), and what is taken for what (confusion).",
        diagrams,
        palette);
  }

  /// What a linear probe reads from the features.
  public static DiagramSection probes(List<? extends Diagram> diagrams) {
    return new DiagramSection(
        "probes",
        "What the features know: linear probes",
        "R² of a linear fit from the features to each quantity, on clusters the fit has not seen: 1"
            + " is a perfect reading, 0 no better than the mean. Mean ± standard deviation of the"
            + " sample over seeds.",
        diagrams,
        new Palette());
  }

  @Override
  public boolean isEmpty() {
    return diagrams.isEmpty();
  }

  @Override
  public List<Drawing> drawings() {
    return drawings(diagrams, palette);
  }

  static List<Drawing> drawings(List<? extends Diagram> diagrams, Palette palette) {
    return diagrams.stream().map(d -> new Drawing(d.id(), d.title(), d.svg(palette))).toList();
  }

  @Override
  public void render(Html html) {
    html.note(note);
    render(html, diagrams, palette);
  }

  static void render(Html html, List<? extends Diagram> diagrams, Palette palette) {
    html.open("div", "class", "charts");
    diagrams.forEach(diagram -> figure(html, diagram, palette));
    html.close("div");
  }

  private static void figure(Html html, Diagram diagram, Palette palette) {
    String id = diagram.id();
    String values = diagram.values();
    String style = values.isEmpty() ? "chart" : "chart lines";
    html.open("figure", "class", style, "id", id, "aria-labelledby", id + "-h");
    html.open("div", "class", "chart-head").element("h3", diagram.title(), "id", id + "-h");
    html.close("div").open("div", "class", "drawn").trusted(diagram.svg(palette)).close("div");
    html.element("figcaption", diagram.caption());
    html.open("details").element("summary", "Values as a table");
    diagram.table().render(html, diagram.title());
    html.close("details");
    if (!values.isEmpty()) {
      html.data("data-drawn", id, values);
    }
    html.close("figure").trusted("\n");
  }
}
