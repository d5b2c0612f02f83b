package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BandLine;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.Marks;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// Metrics in bins of physical quantities: points with bars, side by side within a bin.
public record BinnedSection(List<BinnedFigure> figures, Palette palette) implements DrawnSection {
  /// Share of a bin that its points take.
  private static final double SPREAD = 0.6;

  @Override
  public String id() {
    return "by-quantity";
  }

  @Override
  public String title() {
    return "Where it works: by physical quantity";
  }

  @Override
  public List<Drawing> drawings() {
    return figures.stream().map(figure -> new Drawing(figure.id(), draw(figure))).toList();
  }

  @Override
  public void render(Html html) {
    html.element(
        "p",
        "Each point is a metric in one bin; points of a bin stand side by side so that their bars can"
            + " be read. Faint columns show how many clusters each bin holds.",
        "class",
        "note");
    html.open("div", "class", "charts");
    for (BinnedFigure figure : figures) {
      StudyHtml.figure(
          html,
          new Drawing(figure.id(), draw(figure)),
          "lines",
          figure.title(),
          figure.explanation()
              + (figure.intervals().isEmpty() ? "" : " Bars: " + figure.intervals() + "."),
          BandSection.json(bands(figure)),
          to -> table(to, figure));
    }
    html.close("div");
  }

  /// The same values as lines through the middles of the bins.
  private static BandFigure bands(BinnedFigure figure) {
    double[] edges = figure.edges();
    double[] middles = middles(figure);
    BandFigure.Axis x =
        new BandFigure.Axis(
            figure.quantity(), figure.logarithmic(), edges[0], edges[edges.length - 1]);
    List<BandLine> lines = new ArrayList<>();
    for (BinnedFigure.Line line : figure.lines()) {
      lines.add(new BandLine(line.name(), middles, line.value(), line.low(), line.high()));
    }
    return new BandFigure(
        figure.id(), figure.title(), x, BandFigure.Axis.of(figure.y()), "", "", lines, List.of());
  }

  private static double[] middles(BinnedFigure figure) {
    double[] edges = figure.edges();
    double[] middles = new double[edges.length - 1];
    for (int i = 0; i < middles.length; i++) {
      middles[i] =
          figure.logarithmic() ? Math.sqrt(edges[i] * edges[i + 1]) : (edges[i] + edges[i + 1]) / 2;
    }
    return middles;
  }

  private String draw(BinnedFigure figure) {
    BandFigure bands = bands(figure);
    BandDrawing.Frame frame = BandDrawing.frame(bands);
    BandDrawing.Legend legend = BandDrawing.legend(bands);
    Svg svg = new Svg(BandDrawing.WIDTH, legend.height(), figure.title());
    counts(svg, frame, figure);
    BandDrawing.axes(svg, frame, figure.quantity(), figure.y());
    double[] edges = figure.edges();
    int lines = figure.lines().size();
    for (int k = 0; k < lines; k++) {
      BinnedFigure.Line line = figure.lines().get(k);
      int number = palette.number(line.name());
      svg.open("class", "series", "data-series", Integer.toString(k));
      for (int i = 0; i < edges.length - 1; i++) {
        double left = frame.x().at(edges[i]);
        double right = frame.x().at(edges[i + 1]);
        double x = (left + right) / 2 + (right - left) * SPREAD * ((k + 0.5) / lines - 0.5);
        point(svg, frame.y(), line, i, x, number);
      }
      svg.close();
    }
    legend.draw(svg, bands, palette, true);
    return svg.finish();
  }

  /// Columns of the counts, as high as a third of the drawing for the largest.
  private static void counts(Svg svg, BandDrawing.Frame frame, BinnedFigure figure) {
    long most = 1;
    for (long count : figure.counts()) {
      most = Math.max(most, count);
    }
    double[] edges = figure.edges();
    double bottom = frame.y().from();
    for (int i = 0; i < edges.length - 1; i++) {
      double left = frame.x().at(edges[i]);
      double height = (bottom - frame.y().to()) / 3 * figure.counts()[i] / most;
      svg.rect(
          left + 1,
          bottom - height,
          frame.x().at(edges[i + 1]) - left - 2,
          height,
          "class",
          "count",
          "fill",
          "#eef0f2");
    }
  }

  private static void point(
      Svg svg, AxisScale y, BinnedFigure.Line line, int bin, double x, int number) {
    double value = line.value()[bin];
    if (!Double.isFinite(value)) {
      return;
    }
    String[] bar = {
      "class",
      "s c" + Svg.colour(number),
      "stroke",
      Svg.COLOURS.get(Svg.colour(number)),
      "stroke-width",
      "1.6"
    };
    double low = line.low()[bin];
    double high = line.high()[bin];
    if (Double.isFinite(low) && Double.isFinite(high) && low < high) {
      svg.line(x, y.inside(low), x, y.inside(high), bar);
    }
    Marks.draw(svg, x, y.inside(value), number);
  }

  private static void table(Html html, BinnedFigure figure) {
    List<String> names = new ArrayList<>(List.of(figure.quantity(), "clusters"));
    figure.lines().forEach(line -> names.add(line.name()));
    html.open("table");
    StudyHtml.head(html, names);
    html.open("tbody");
    double[] edges = figure.edges();
    for (int i = 0; i < edges.length - 1; i++) {
      html.open("tr");
      html.element("th", Numbers.of(edges[i]) + " to " + Numbers.of(edges[i + 1]), "scope", "row");
      html.element("td", Numbers.of(figure.counts()[i]), "class", "number");
      for (BinnedFigure.Line line : figure.lines()) {
        String text = StudyHtml.text(line.value()[i], line.low()[i], line.high()[i]);
        html.element("td", text, "class", "number");
      }
      html.close("tr");
    }
    html.close("tbody").close("table");
  }
}
