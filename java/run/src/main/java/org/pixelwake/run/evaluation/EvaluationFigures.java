package org.pixelwake.run.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Diagram;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.RunTable.Better;
import org.pixelwake.run.Texts;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.metrics.AccuracyBin;
import org.pixelwake.training.metrics.Calibration;
import org.pixelwake.training.metrics.Classification;
import org.pixelwake.training.metrics.Estimate;
import org.pixelwake.training.metrics.Predictions;
import org.pixelwake.training.metrics.RocCurve;

/// Tables and figures of an evaluation.
public final class EvaluationFigures {
  private static final String MODEL = "model";

  /// Name of the intervals of [#reliability].
  public static final String WILSON = "95 % Wilson interval";

  /// Quantile of the normal distribution for an interval of 95 %.
  public static final double WILSON_Z = 1.959964;

  private static final int ROC_POINTS = 400;

  private static final Map<String, String> MEANINGS =
      Map.of(
          "accuracy", "Part of the clusters whose class has the largest probability",
          "balanced_accuracy", "Mean over the classes of the part of their clusters that is found",
          "auc", "Area under the ROC curve; the mean over the classes where there are several",
          "calibration_error", "Mean difference of confidence and accuracy, in 15 bins",
          "brier", "Mean squared error of the probabilities, summed over the classes",
          "log_loss", "Mean of -ln of the true class's probability",
          "r2", "1 where all is right, 0 for the mean",
          "bias", "Mean of found less true");

  private EvaluationFigures() {}

  static void addTo(
      Report.Builder report, Assessment assessment, List<EvaluationFiles.Binned> binned) {
    Palette palette = new Palette();
    report.section(new RunSection(table(assessment), palette));
    Predictions predictions = assessment.predictions();
    Classification classification = assessment.classification();
    if (predictions == null || classification == null) {
      return;
    }
    report.section(
        DiagramSection.binned(binned.stream().map(EvaluationFigures::figure).toList(), palette));
    List<Diagram> quality = new ArrayList<>(roc(assessment.classes(), predictions));
    quality.add(reliability(predictions, classification.calibrationError()));
    quality.add(
        new ConfusionMatrix(
            "confusion",
            "Confusion matrix",
            "Rows are the true classes, columns what the model takes them for.",
            assessment.classes(),
            classification.confusion().counts()));
    report.section(DiagramSection.quality(quality, palette));
  }

  private static RunTable table(Assessment assessment) {
    List<RunTable.Column> columns = new ArrayList<>();
    List<Spread> values = new ArrayList<>();
    assessment
        .classFigures()
        .forEach((name, figure) -> {
          Better better = better(name, Better.HIGHER);
          String meaning = MEANINGS.getOrDefault(name, "");
          columns.add(new RunTable.Column(heading(name), "", better, "", meaning));
          values.add(measure(figure));
        });
    for (Assessment.Values target : assessment.values()) {
      target
          .figures()
          .forEach((name, figure) -> {
            columns.add(
                new RunTable.Column(
                    target.target().column() + ": " + heading(name).toLowerCase(Locale.ROOT),
                    name.equals("r2") ? "" : target.unit(),
                    better(name, Better.LOWER),
                    "",
                    MEANINGS.getOrDefault(name, "Error of what is measured; dex: factors of ten")));
            values.add(measure(figure));
          });
    }
    return new RunTable(
        Texts.count(assessment.clusters())
            + " clusters; intervals of 95 % by bootstrap over clusters.",
        columns,
        List.of(new RunTable.Row(MODEL, false, "the model evaluated", values)));
  }

  private static Better better(String name, Better others) {
    return switch (name) {
      case "calibration_error", "brier", "log_loss" -> Better.LOWER;
      case "r2" -> Better.HIGHER;
      case "bias" -> Better.NEITHER;
      default -> others;
    };
  }

  private static String heading(String name) {
    String words = name.replace('_', ' ');
    return name.equals("auc") ? "AUC" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static Spread measure(Estimate figure) {
    return Spread.of(figure.value()).interval(figure.low(), figure.high());
  }

  private static BinnedFigure figure(EvaluationFiles.Binned binned) {
    return binned(
        "accuracy-" + binned.id(),
        "Accuracy over " + binned.name(),
        binned.name(),
        binned.logarithmic(),
        "Part of the clusters in each bin whose class is found.",
        binned.bins(),
        List.of(line(MODEL, binned.bins().stream().map(AccuracyBin::score).toList())));
  }

  /// A figure of the accuracy in bins of a quantity.
  ///
  /// @param bins their edges and numbers of clusters
  public static BinnedFigure binned(
      String id,
      String title,
      String quantity,
      boolean logarithmic,
      String explanation,
      List<AccuracyBin> bins,
      List<BinnedFigure.Line> lines) {
    double[] edges =
        DoubleStream.concat(
                DoubleStream.of(bins.getFirst().lower()),
                bins.stream().mapToDouble(AccuracyBin::upper))
            .toArray();
    long[] counts = bins.stream().mapToLong(AccuracyBin::count).toArray();
    return new BinnedFigure(
        id, title, quantity, logarithmic, "accuracy", WILSON, explanation, edges, counts, lines);
  }

  /// Returns a line of such a figure.
  ///
  /// @param values one for each bin
  public static BinnedFigure.Line line(String name, List<Estimate> values) {
    return new BinnedFigure.Line(
        name,
        values.stream().mapToDouble(Estimate::value).toArray(),
        values.stream().mapToDouble(Estimate::low).toArray(),
        values.stream().mapToDouble(Estimate::high).toArray());
  }

  private static List<Figure> roc(List<String> classes, Predictions predictions) {
    List<Figure.Line> lines = new ArrayList<>();
    // Of two classes the second says all.
    for (int c = classes.size() == 2 ? 1 : 0; c < classes.size(); c++) {
      long own = 0;
      for (int i = 0; i < predictions.count(); i++) {
        own += predictions.label(i) == c ? 1 : 0;
      }
      if (own > 0 && own < predictions.count()) {
        RocCurve curve = RocCurve.of(predictions, c).thinned(ROC_POINTS);
        lines.add(
            Figure.Line.rising(
                classes.get(c), curve.falsePositiveRate(), curve.truePositiveRate()));
      }
    }
    String explanation = "What share of a class is found at what share of the others taken for it.";
    return lines.isEmpty() ? List.of() : List.of(Figure.roc("roc", "ROC", "", explanation, lines));
  }

  private static Figure reliability(Predictions predictions, Estimate error) {
    return Figure.reliability(
        "reliability",
        "Calibration",
        WILSON,
        "How often predictions of a given probability are right; on the diagonal the model is as"
            + " often right as it says.",
        List.of(reliability(MODEL, reliability(predictions))),
        List.of(measure(error)));
  }

  /// Returns mean confidence, share that is right and number of the predictions in each bin of
  /// confidence that holds some.
  public static double[][] reliability(Predictions predictions) {
    List<Calibration.Bin> bins =
        new ArrayList<>(Calibration.of(predictions, Calibration.BINS).bins());
    bins.removeIf(bin -> bin.count() == 0);
    return new double[][] {
      bins.stream().mapToDouble(Calibration.Bin::confidence).toArray(),
      bins.stream().mapToDouble(Calibration.Bin::accuracy).toArray(),
      bins.stream().mapToDouble(Calibration.Bin::count).toArray()
    };
  }

  /// The share of right predictions by confidence, with Wilson intervals of 95 %.
  ///
  /// @param bins as [#reliability(Predictions)] gives them
  public static Figure.Line reliability(String name, double[][] bins) {
    double[] low = new double[bins[2].length];
    double[] high = new double[low.length];
    for (int b = 0; b < low.length; b++) {
      long count = Math.round(bins[2][b]);
      Estimate interval = Estimate.wilson(Math.round(bins[1][b] * count), count, WILSON_Z);
      low[b] = interval.low();
      high[b] = interval.high();
    }
    return new Figure.Line(name, Figure.Style.CURVE, bins[0], bins[1], low, high);
  }
}
