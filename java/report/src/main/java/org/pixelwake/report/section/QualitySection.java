package org.pixelwake.report.section;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BandLine;
import org.pixelwake.report.plot.MatrixDrawing;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ReliabilityFigure;

/// ROC curves, reliability diagrams and confusion matrices.
public record QualitySection(
    List<BandFigure> roc,
    List<ReliabilityFigure> reliability,
    List<ConfusionMatrix> confusion,
    Palette palette)
    implements DrawnSection {
  @Override
  public String id() {
    return "classification";
  }

  @Override
  public String title() {
    return "Classification in detail";
  }

  @Override
  public List<Drawing> drawings() {
    List<Drawing> drawings = new ArrayList<>();
    roc.forEach(f -> drawings.add(new Drawing(f.id(), BandDrawing.draw(f, palette))));
    for (ReliabilityFigure figure : reliability) {
      drawings.add(new Drawing(figure.id(), BandDrawing.draw(bands(figure), palette)));
    }
    confusion.forEach(m -> drawings.add(new Drawing(m.id(), MatrixDrawing.draw(m))));
    return drawings;
  }

  @Override
  public void render(Html html) {
    html.element(
        "p",
        "How well scores separate the classes (ROC), whether a probability can be taken at its word"
            + " (reliability), and what is taken for what (confusion).",
        "class",
        "note");
    html.open("div", "class", "charts");
    roc.forEach(figure -> BandSection.figure(html, figure, palette));
    for (ReliabilityFigure figure : reliability) {
      BandSection.figure(html, bands(figure), palette);
    }
    for (ConfusionMatrix matrix : confusion) {
      StudyHtml.figure(
          html,
          new Drawing(matrix.id(), MatrixDrawing.draw(matrix)),
          "",
          matrix.title(),
          matrix.explanation()
              + " Each cell: share of its row, the true class, and the number of clusters.",
          "",
          to -> table(to, matrix));
    }
    html.close("div");
  }

  private static BandFigure bands(ReliabilityFigure figure) {
    List<BandLine> lines = figure.lines().stream().map(ReliabilityFigure.Line::band).toList();
    StringBuilder errors = new StringBuilder();
    for (ReliabilityFigure.Line line : figure.lines()) {
      if (line.calibrationError().measured()) {
        errors.append(errors.isEmpty() ? " Expected calibration error: " : "; ");
        errors.append(line.name()).append(' ');
        errors.append(StudyHtml.text(line.calibrationError(), ""));
      }
    }
    BandFigure.Guide right =
        new BandFigure.Guide("calibrated", new double[] {0, 1}, new double[] {0, 1});
    return new BandFigure(
        figure.id(),
        figure.title(),
        BandFigure.Axis.of("predicted probability").from(0, 1),
        BandFigure.Axis.of("share that was right").from(0, 1),
        figure.intervals(),
        figure.explanation() + errors + (errors.isEmpty() ? "" : "."),
        lines,
        List.of(right));
  }

  private static void table(Html html, ConfusionMatrix matrix) {
    List<String> names = new ArrayList<>(List.of("true class, taken for:"));
    names.addAll(matrix.classes());
    html.open("table");
    StudyHtml.head(html, names);
    html.open("tbody");
    for (int row = 0; row < matrix.classes().size(); row++) {
      html.open("tr").element("th", matrix.classes().get(row), "scope", "row");
      for (int column = 0; column < matrix.classes().size(); column++) {
        html.element("td", Numbers.of(matrix.counts()[row][column]), "class", "number");
      }
      html.close("tr");
    }
    html.close("tbody").close("table");
  }
}
