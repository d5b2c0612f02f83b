package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// What a linear probe reads from the features: bars and tables.
public record ProbeSection(List<ProbeTable> tables) implements DrawnSection {
  private static final double WIDTH = 600;
  private static final double BAR = 13;
  private static final double GAP = 12;
  private static final double TOP = 10;
  private static final double BOTTOM = 48;
  private static final double LONGEST_NAME = 190;

  @Override
  public String id() {
    return "probes";
  }

  @Override
  public String title() {
    return "What the features know: linear probes";
  }

  @Override
  public List<Drawing> drawings() {
    return tables.stream().map(table -> new Drawing(table.id(), draw(table))).toList();
  }

  @Override
  public void render(Html html) {
    html.element(
        "p",
        "R² of a linear fit from the features to each quantity, on clusters the fit has not seen: 1"
            + " is a perfect reading, 0 no better than the mean. Mean ± standard deviation of the"
            + " sample over seeds.",
        "class",
        "note");
    html.open("div", "class", "charts");
    for (ProbeTable table : tables) {
      StudyHtml.figure(
          html,
          new Drawing(table.id(), draw(table)),
          "",
          table.title(),
          table.explanation(),
          "",
          to -> table(to, table));
    }
    html.close("div");
  }

  private static void table(Html html, ProbeTable table) {
    List<String> names = new ArrayList<>(List.of("Quantity"));
    table.stages().forEach(stage -> names.add("R², " + stage));
    html.open("table");
    StudyHtml.head(html, names);
    html.open("tbody");
    for (ProbeTable.Row row : table.rows()) {
      html.open("tr").element("th", row.quantity(), "scope", "row");
      for (Spread measure : row.r2()) {
        String seeds = measure.measured() ? ", n\u00a0=\u00a0" + measure.count() : "";
        html.element("td", StudyHtml.text(measure, "") + seeds, "class", "number");
      }
      html.close("tr");
    }
    html.close("tbody").close("table");
  }

  private static String draw(ProbeTable table) {
    Palette palette = new Palette();
    double[] range = {0, 1};
    double name = 40;
    for (ProbeTable.Row row : table.rows()) {
      name = Math.max(name, Math.min(LONGEST_NAME, Svg.width(row.quantity(), 12)));
      for (Spread measure : row.r2()) {
        BandDrawing.include(range, new double[] {measure.from(), measure.to()}, false);
      }
    }
    int stages = table.stages().size();
    double tall = BAR * stages + GAP;
    double left = name + 14;
    double bottom = TOP + tall * table.rows().size();
    AxisScale x = new AxisScale(range[0], range[1], false, left, WIDTH - 16);
    Svg svg = new Svg(WIDTH, bottom + BOTTOM + 24, table.title());
    for (double tick : x.ticks()) {
      svg.line(x.at(tick), TOP, x.at(tick), bottom, Svg.grid());
      svg.text(x.at(tick), bottom + 17, AxisScale.label(tick), "middle");
    }
    svg.text((left + WIDTH - 16) / 2, bottom + 36, "R²", "middle", Svg.title());
    for (int r = 0; r < table.rows().size(); r++) {
      ProbeTable.Row row = table.rows().get(r);
      double y = TOP + tall * r + GAP / 2;
      svg.text(left - 8, y + BAR * stages / 2 + 4, cut(row.quantity()), "end", Svg.title());
      for (int s = 0; s < stages; s++) {
        bar(svg, x, row.r2().get(s), palette.number(table.stages().get(s)), y + BAR * s);
      }
    }
    svg.line(x.at(0), TOP, x.at(0), bottom, Svg.axis());
    double at = left;
    for (String stage : table.stages()) {
      svg.rect(at, bottom + 50, 12, 12, Svg.fill(palette.number(stage), 1));
      svg.text(at + 18, bottom + 60, stage, "start", Svg.title());
      at += Svg.width(stage, 12) + 44;
    }
    return svg.finish();
  }

  private static String cut(String text) {
    int longest = (int) (LONGEST_NAME / Svg.width("m", 12));
    return text.length() > longest ? text.substring(0, longest - 1) + "…" : text;
  }

  private static void bar(Svg svg, AxisScale x, Spread measure, int number, double y) {
    if (!measure.measured()) {
      svg.text(x.at(0) + 4, y + BAR - 3, "not measured", "start");
      return;
    }
    double zero = x.at(0);
    double end = x.at(measure.mean());
    svg.rect(Math.min(zero, end), y + 1, Math.abs(end - zero), BAR - 2, Svg.fill(number, 0.85));
    if (measure.from() < measure.to()) {
      double middle = y + BAR / 2;
      svg.line(x.at(measure.from()), middle, x.at(measure.to()), middle, Svg.axis());
      for (double tip : new double[] {x.at(measure.from()), x.at(measure.to())}) {
        svg.line(tip, middle - 3, tip, middle + 3, Svg.axis());
      }
    }
  }
}
