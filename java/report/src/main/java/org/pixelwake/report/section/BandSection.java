package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BandLine;
import org.pixelwake.report.plot.Palette;

/// Lines with bands.
public record BandSection(
    String id, String title, String note, List<BandFigure> figures, Palette palette)
    implements DrawnSection {
  @Override
  public List<Drawing> drawings() {
    return figures.stream().map(f -> new Drawing(f.id(), BandDrawing.draw(f, palette))).toList();
  }

  @Override
  public void render(Html html) {
    html.element("p", note, "class", "note");
    html.open("div", "class", "charts");
    figures.forEach(figure -> figure(html, figure, palette));
    html.close("div");
  }

  static void figure(Html html, BandFigure figure, Palette palette) {
    String spread = figure.spread().isEmpty() ? "" : " Bands: " + figure.spread() + ".";
    StudyHtml.figure(
        html,
        new Drawing(figure.id(), BandDrawing.draw(figure, palette)),
        "lines",
        figure.title(),
        figure.explanation() + spread,
        json(figure),
        to -> table(to, figure));
  }

  /// Rows at every x of some line, evenly thinned where there are many.
  private static void table(Html html, BandFigure figure) {
    List<BandLine> lines = figure.lines();
    TreeMap<Double, String[]> rows = new TreeMap<>();
    for (int k = 0; k < lines.size(); k++) {
      double[] x = lines.get(k).x();
      double[] y = lines.get(k).y();
      double[] low = lines.get(k).low();
      double[] high = lines.get(k).high();
      for (int i = 0; i < x.length; i++) {
        String[] row = rows.computeIfAbsent(x[i], key -> new String[lines.size()]);
        row[k] = StudyHtml.text(y[i], low[i], high[i]);
      }
    }
    List<Double> all = List.copyOf(rows.keySet());
    int[] shown = StudyHtml.rows(all.size());
    html.open("table");
    if (shown.length < all.size()) {
      html.element("caption", shown.length + " of " + all.size() + " rows, evenly spaced.");
    }
    List<String> names = new ArrayList<>(List.of(figure.x().name()));
    lines.forEach(line -> names.add(line.name()));
    StudyHtml.head(html, names);
    html.open("tbody");
    for (int index : shown) {
      html.open("tr").element("th", Numbers.of(all.get(index)), "scope", "row");
      for (String value : rows.getOrDefault(all.get(index), new String[0])) {
        html.element("td", value == null ? "–" : value, "class", "number");
      }
      html.close("tr");
    }
    html.close("tbody").close("table");
  }

  /// Axes and values, for reading values at the pointer.
  static String json(BandFigure figure) {
    BandDrawing.Frame frame = BandDrawing.frame(figure);
    return Json.text(json -> {
      json.writeStartObject();
      json.writeStringField("x", figure.x().name());
      json.writeBooleanField("logX", frame.x().log());
      json.writeNumberField("low", frame.x().low());
      json.writeNumberField("high", frame.x().high());
      json.writeNumberField("left", frame.x().from());
      json.writeNumberField("right", frame.x().to());
      json.writeNumberField("top", frame.y().to());
      json.writeNumberField("bottom", frame.y().from());
      json.writeArrayFieldStart("lines");
      for (BandLine line : figure.lines()) {
        json.writeStartObject();
        json.writeStringField("name", line.name());
        Json.numbers(json, "x", line.x());
        Json.numbers(json, "y", line.y());
        Json.numbers(json, "low", line.low());
        Json.numbers(json, "high", line.high());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }
}
