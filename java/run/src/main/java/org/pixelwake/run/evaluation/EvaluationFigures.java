package org.pixelwake.run.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.base.Spread;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BandLine;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Diagram;
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
          boolean error =
              name.equals("calibration_error") || name.equals("brier") || name.equals("log_loss");
          Better better = error ? Better.LOWER : Better.HIGHER;
          columns.add(
              new RunTable.Column(heading(name), "", better, "", MEANINGS.getOrDefault(name, "")));
          values.add(measure(figure));
        });
    for (Assessment.Values target : assessment.values()) {
      target
          .figures()
          .forEach((name, figure) -> {
            boolean ratio = name.equals("r2");
            columns.add(
                new RunTable.Column(
                    target.target().column() + ": " + heading(name).toLowerCase(Locale.ROOT),
                    ratio ? "" : target.unit(),
                    ratio ? Better.HIGHER : name.equals("bias") ? Better.NEITHER : Better.LOWER,
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

  private static String heading(String name) {
    String words = name.replace('_', ' ');
    return name.equals("auc") ? "AUC" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static Spread measure(Estimate figure) {
    return Spread.of(figure.value()).interval(figure.low(), figure.high());
  }

  private static BinnedFigure figure(EvaluationFiles.Binned binned) {
    List<AccuracyBin> bins = binned.bins();
    double[] edges = new double[bins.size() + 1];
    long[] counts = new long[bins.size()];
    double[][] line = new double[3][bins.size()];
    for (int b = 0; b < counts.length; b++) {
      AccuracyBin bin = bins.get(b);
      edges[b] = bin.lower();
      edges[b + 1] = bin.upper();
      counts[b] = bin.count();
      line[0][b] = bin.score().value();
      line[1][b] = bin.score().low();
      line[2][b] = bin.score().high();
    }
    return new BinnedFigure(
        "accuracy-" + binned.id(),
        "Accuracy over " + binned.name(),
        binned.name(),
        binned.logarithmic(),
        "accuracy",
        WILSON,
        "Part of the clusters in each bin whose class is found.",
        edges,
        counts,
        List.of(new BinnedFigure.Line(MODEL, line[0], line[1], line[2])));
  }

  private static List<BandFigure> roc(List<String> classes, Predictions predictions) {
    List<BandLine> lines = new ArrayList<>();
    // Of two classes the second says all.
    for (int c = classes.size() == 2 ? 1 : 0; c < classes.size(); c++) {
      long own = 0;
      for (int i = 0; i < predictions.count(); i++) {
        own += predictions.label(i) == c ? 1 : 0;
      }
      if (own > 0 && own < predictions.count()) {
        RocCurve curve = RocCurve.of(predictions, c).thinned(ROC_POINTS);
        lines.add(
            BandLine.rising(classes.get(c), curve.falsePositiveRate(), curve.truePositiveRate()));
      }
    }
    String explanation = "What share of a class is found at what share of the others taken for it.";
    return lines.isEmpty()
        ? List.of()
        : List.of(BandFigure.roc("roc", "ROC", "", explanation, lines));
  }

  private static BandFigure reliability(Predictions predictions, Estimate error) {
    List<Calibration.Bin> bins =
        Calibration.of(predictions, Calibration.BINS).bins().stream()
            .filter(bin -> bin.count() > 0)
            .toList();
    double[] confidence = bins.stream().mapToDouble(Calibration.Bin::confidence).toArray();
    double[] accuracy = bins.stream().mapToDouble(Calibration.Bin::accuracy).toArray();
    double[] counts = bins.stream().mapToDouble(Calibration.Bin::count).toArray();
    return BandFigure.reliability(
        "reliability",
        "Calibration",
        WILSON,
        "How often predictions of a given probability are right; on the diagonal the model is as"
            + " often right as it says.",
        List.of(reliability(MODEL, confidence, accuracy, counts)),
        List.of(measure(error)));
  }

  /// The share of right predictions by confidence, with Wilson intervals of 95 %.
  ///
  /// @param counts predictions in each bin
  public static BandLine reliability(
      String name, double[] confidence, double[] accuracy, double[] counts) {
    double[] low = new double[counts.length];
    double[] high = new double[counts.length];
    for (int b = 0; b < counts.length; b++) {
      long count = Math.round(counts[b]);
      Estimate interval = Estimate.wilson(Math.round(accuracy[b] * count), count, WILSON_Z);
      low[b] = interval.low();
      high[b] = interval.high();
    }
    return new BandLine(name, confidence, accuracy, low, high);
  }
}
