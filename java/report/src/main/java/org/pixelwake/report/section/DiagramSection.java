package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// Plots side by side, each with its values as a table.
public final class DiagramSection extends Section {
  private final String note;
  private final List<? extends Diagram> diagrams;
  private final Palette palette;

  private DiagramSection(
      String id, String title, String note, List<? extends Diagram> diagrams, Palette palette) {
    super(id, title, diagrams.isEmpty());
    this.note = note;
    this.diagrams = List.copyOf(diagrams);
    this.palette = palette;
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

  /// Scores beside what they took.
  public static DiagramSection costs(List<? extends Diagram> diagrams, Palette palette) {
    return new DiagramSection(
        "score-and-cost",
        "Scores and what they took",
        "Further up is better, further to the left is cheaper in training, further to the right is"
            + " faster in use.",
        diagrams,
        palette);
  }

  /// The quantities that a linear probe reads from the features.
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
    figure(html, diagram, List.of(diagram.svg(palette)), 0, diagram.values(), "");
  }

  /// A figure whose vertical axis the reader can switch between linear and logarithmic.
  ///
  /// @param fact one sentence more below the plot; may be empty
  static void switched(Html html, Figure figure, Palette palette, String fact) {
    List<Figure> scales = figure.scales();
    List<String> drawings = scales.stream().map(scale -> scale.svg(palette)).toList();
    figure(html, figure, drawings, figure.y().log() ? 1 : 0, figure.values(scales), fact);
  }

  private static void figure(
      Html html, Diagram diagram, List<String> drawings, int shown, String values, String fact) {
    String id = diagram.id();
    String style = values.isEmpty() ? "chart" : "chart lines";
    html.open("figure", "class", style, "id", id, "aria-labelledby", id + "-h");
    html.open("div", "class", "chart-head").element("h3", diagram.title(), "id", id + "-h");
    if (drawings.size() > 1) {
      String[] box = {"type", "checkbox", "data-log", id};
      html.open("label", "class", "switch");
      html.empty("input", shown == 1 ? Svg.join(box, "checked", "") : box);
      html.text(" logarithmic").close("label");
    }
    html.close("div");
    for (int k = 0; k < drawings.size(); k++) {
      String[] box = {"class", "drawn"};
      html.open("div", k == shown ? box : Svg.join(box, "hidden", ""));
      html.trusted(drawings.get(k)).close("div");
    }
    html.open("figcaption").text(diagram.caption());
    if (!fact.isEmpty()) {
      html.element("span", fact, "class", "fact");
    }
    html.close("figcaption").open("details").element("summary", "Values as a table");
    diagram.table().render(html, diagram.title());
    html.close("details");
    if (!values.isEmpty()) {
      html.data("data-drawn", id, values);
    }
    html.close("figure").trusted("\n");
  }
}
