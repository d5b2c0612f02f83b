package org.pixelwake.validation;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Figure.Line;
import org.pixelwake.report.plot.Figure.Style;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;

/// Verdicts and figures of one part of the validation, as they are found. A number that is NaN does
/// not hold.
final class FindingBuilder {
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<Figure> figures = new ArrayList<>();

  /// Judges a number that should lie between two others.
  ///
  /// @param name what it is, such as "most probable loss in 300 um"
  /// @param unit its unit; empty for a pure number
  /// @param source where the published value is from
  /// @throws IllegalArgumentException if there is no such range, or no source
  Verdict between(
      String name, double value, String unit, double least, double greatest, String source) {
    if (!(least <= greatest) || source.isEmpty()) {
      throw new IllegalArgumentException(name + " has bounds and a source");
    }
    boolean holds = value >= least && value <= greatest;
    verdicts.add(new Verdict(name, value, unit, least, greatest, holds, source));
    return verdicts.getLast();
  }

  /// Judges a number that should be a published one within a share of it.
  ///
  /// @param tolerance greatest deviation over the published value
  void within(
      String name, double value, String unit, double published, double tolerance, String source) {
    double room = tolerance * Math.abs(published);
    between(name, value, unit, published - room, published + room, source);
  }

  /// Judges the greatest deviation of simulated over published values from 1, per cent.
  void deviation(String name, double[] ratios, double allowedPerCent, String source) {
    between(name, worst(ratios), "%", -allowedPerCent, allowedPerCent, source);
  }

  /// Returns simulated values over published ones, point by point.
  static double[] ratios(double[] simulated, double[] published) {
    double[] ratios = new double[published.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = simulated[i] / published[i];
    }
    return ratios;
  }

  /// Returns the greatest deviation of ratios from 1, per cent, with its sign; NaN where a ratio
  /// is.
  static double worst(double[] ratios) {
    double worst = 0;
    for (double ratio : ratios) {
      double perCent = 100 * (ratio - 1);
      // NaN is not less than anything, and so is kept.
      worst = Math.abs(perCent) <= Math.abs(worst) ? worst : perCent;
    }
    return worst;
  }

  /// Adds a figure.
  void figure(
      String title, String x, String y, boolean logX, boolean logY, String text, Line... lines) {
    figures.add(new Figure(title, x, y, logX, logY, text, List.of(lines)));
  }

  /// Adds a figure of simulated over published values, with lines at the tolerance.
  void ratioFigure(String of, String x, boolean logX, double allowedPerCent, Line... ratios) {
    List<Line> lines = new ArrayList<>(List.of(ratios));
    double least = lines.stream().mapToDouble(line -> line.x()[0]).min().orElseThrow();
    double greatest =
        lines.stream().mapToDouble(line -> line.x()[line.x().length - 1]).max().orElseThrow();
    double[] ends = {least, greatest};
    double low = 1 - allowedPerCent / 100;
    double high = 1 + allowedPerCent / 100;
    lines.add(new Line("least allowed", Style.LIMIT, ends, new double[] {low, low}));
    lines.add(new Line("greatest allowed", Style.LIMIT, ends, new double[] {high, high}));
    String text = "Simulated over published; the faint lines are the tolerance.";
    figures.add(new Figure(of + ": ratio", x, "simulated / published", logX, false, text, lines));
  }

  /// Returns what was found, under a text that says what is compared and how.
  Finding finding(String id, String title, String text) {
    return new Finding(id, title, text, verdicts, figures);
  }
}
