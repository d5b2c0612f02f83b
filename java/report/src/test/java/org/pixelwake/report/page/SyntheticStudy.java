package org.pixelwake.report.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.pixelwake.base.Spread;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.image.TestTracks;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ProbeTable;
import org.pixelwake.report.section.ComparisonSection;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.Embeddings;
import org.pixelwake.report.section.MapSection;
import org.pixelwake.report.section.MaskComparison;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.StatementSection;

/// A made-up study of a realistic size: nine variations of three seeds, 24 reconstructed tracks,
/// maps of 4000 points.
final class SyntheticStudy {
  static final int POINTS = 4000;
  static final int TRACKS = 24;
  static final int SEEDS = 3;
  private static final double FULL_SCALE_KEV = 300;
  private static final List<String> CLASSES =
      List.of("electron", "muon", "proton", "alpha", "photon", "heavy ion");
  private static final List<String> VARIATIONS =
      List.of(
          "pretrained, finetuned",
          "pretrained, no mask heads",
          "pretrained, frozen encoder",
          "pretrained, 10 % of labels",
          "from ImageNet",
          "from scratch",
          "from scratch, 10 % of labels",
          "energy channel only",
          "B0 instead of B4");
  private static final double[] FINAL = {
    0.942, 0.931, 0.884, 0.913, 0.925, 0.921, 0.842, 0.902, 0.927
  };
  private static final double[] PACE = {120, 150, 90, 170, 220, 310, 380, 160, 140};

  private final Random random = new Random(11);
  private final TestTracks shapes = new TestTracks(random);

  Report report() {
    Palette palette = new Palette();
    List<Statement> statements = statements();
    Report.Builder report =
        Report.builder("Does pretraining help? <a study & its figures>")
            .summary(
                "EfficientNet-B4 on Timepix3 tracks of six particle types: nine variations, three"
                    + " seeds each, with a random forest and a small CNN beside them. All numbers"
                    + " here are made up.")
            .section(new RunSection(runs(), palette))
            .section(DiagramSection.curves(List.of(accuracy(), loss()), palette))
            .section(DiagramSection.binned(List.of(byHits(), byAngle()), palette))
            .section(
                DiagramSection.quality(
                    List.of(
                        roc("electron"),
                        roc("proton"),
                        reliability(),
                        confusion("confusion-pretrained", 0),
                        confusion("confusion-scratch", 5)),
                    palette))
            .section(new ComparisonSection(reconstructions()))
            .section(new MapSection(embeddings()))
            .section(DiagramSection.probes(List.of(probe())))
            .section(
                SettingsSection.provenance()
                    .command(
                        "Makes this study again, in about nine hours.",
                        "pixelwake study study.yaml -o study")
                    .command(
                        "One of its runs.",
                        "pixelwake finetune tracks.parquet --from run --seed 1 -o run-1")
                    .add("Data", map("Clusters", "43 281", "Source", "<script>alert('x')</script>"))
                    .add(
                        "Training",
                        map("Seeds", "1, 2, 3", "Batch", "64", "Learning rate", "3e-4, cosine"))
                    .add("Environment", map("Java", "25.0.1", "Processor", "AVX-512")));
    return report.sectionFirst(new StatementSection(statements, report.titles())).build();
  }

  private static Map<String, String> map(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static List<Statement> statements() {
    return List.of(
        new Statement(
            "Pretraining converges faster",
            List.of(
                new Statement.Quantity("pretrained", Spread.of(108, 120, 136), "steps"),
                new Statement.Quantity("from scratch", Spread.of(221, 262, 297), "steps")),
            "Fewer steps to 90 % of the final accuracy in each of three seeds",
            Statement.Outcome.HELD,
            "The smallest difference between seeds is 85 steps.",
            "accuracy-over-steps"),
        new Statement(
            "Pretraining is more accurate in the end",
            List.of(
                new Statement.Quantity(
                    "difference", Spread.of(0.018, 0.023, 0.021).interval(0.012, 0.029), "")),
            "The 95 % interval of the difference lies above 0.01",
            Statement.Outcome.HELD,
            "",
            "accuracy-by-run"),
        new Statement(
            "Mask heads sharpen reconstructions",
            List.of(
                new Statement.Quantity("with", Spread.of(0.81, 0.79, 0.83), ""),
                new Statement.Quantity("without", Spread.of(0.62, 0.66, 0.64), "")),
            "Mean sharpness is higher in each of three seeds",
            Statement.Outcome.HELD,
            "",
            "sharpness"),
        new Statement(
            "The gain is largest for long tracks",
            List.of(new Statement.Quantity("slope", Spread.of(-0.002, 0.004, 0.001), "per octave")),
            "The slope of the gain over hits is positive in each of three seeds",
            Statement.Outcome.NOT_HELD,
            "",
            "accuracy-by-hits"),
        new Statement(
            "It works on data of another detector",
            List.of(),
            "Accuracy above the random forest's",
            Statement.Outcome.NOT_MEASURED,
            "No labelled data of another detector were at hand.",
            ""));
  }

  private double seed(double mean, double sd) {
    return mean + sd * random.nextGaussian();
  }

  private Spread seeds(double mean, double sd) {
    return Spread.of(seed(mean, sd), seed(mean, sd), seed(mean, sd));
  }

  private RunTable runs() {
    List<RunTable.Column> columns =
        List.of(
            new RunTable.Column(
                "Accuracy",
                "",
                RunTable.Better.HIGHER,
                "accuracy-by-run",
                "Share of clusters of the test set that were classified rightly."),
            new RunTable.Column(
                "Macro F1", "", RunTable.Better.HIGHER, "", "Mean F1 of the six classes."),
            new RunTable.Column(
                "Steps to 90 %",
                "",
                RunTable.Better.LOWER,
                "steps-by-run",
                "Steps until 90 % of the final accuracy."),
            new RunTable.Column(
                "ECE", "", RunTable.Better.LOWER, "", "Expected calibration error, 15 bins."),
            new RunTable.Column(
                "Time", "min", RunTable.Better.NEITHER, "", "Wall time of a finetuning."));
    List<RunTable.Row> rows = new ArrayList<>();
    for (int v = 0; v < VARIATIONS.size(); v++) {
      Spread accuracy = seeds(FINAL[v], 0.004);
      Spread ece = v == 3 ? Spread.NONE : seeds(0.03, 0.004);
      rows.add(
          new RunTable.Row(
              VARIATIONS.get(v),
              false,
              "EfficientNet-B4, 96 pixels, 200 epochs",
              List.of(
                  accuracy.interval(accuracy.mean() - 0.009, accuracy.mean() + 0.008),
                  seeds(FINAL[v] - 0.01, 0.006),
                  seeds(PACE[v] * 2.3, 15),
                  ece,
                  seeds(19.3, 0.4))));
    }
    rows.add(baseline("random forest", "on 24 features of the clusters", 0.871, 0.2));
    rows.add(baseline("small CNN", "three convolutions, 60 000 parameters", 0.893, 4.1));
    return new RunTable(
        "Measured on 8 660 clusters of the test set, which no training saw.", columns, rows);
  }

  private RunTable.Row baseline(String name, String description, double accuracy, double time) {
    return new RunTable.Row(
        name,
        true,
        description,
        List.of(
            seeds(accuracy, 0.002).interval(accuracy - 0.008, accuracy + 0.007),
            seeds(accuracy - 0.02, 0.004),
            Spread.NONE,
            seeds(0.06, 0.01),
            Spread.of(time)));
  }

  private Figure.Line line(int variation, DoubleUnaryOperator mean, double noise) {
    List<Figure.Seed> seeds = new ArrayList<>();
    for (int s = 0; s < SEEDS; s++) {
      double[] x = new double[60];
      double[] y = new double[60];
      double shift = 1 + 0.12 * random.nextGaussian();
      for (int i = 0; i < x.length; i++) {
        x[i] = 50.0 * i;
        y[i] = mean.applyAsDouble(x[i] * shift) + noise * random.nextGaussian();
      }
      seeds.add(new Figure.Seed(x, y));
    }
    return Figure.Line.ofSeeds(VARIATIONS.get(variation), seeds);
  }

  private Figure accuracy() {
    List<Figure.Line> lines = new ArrayList<>();
    for (int v = 0; v < VARIATIONS.size(); v++) {
      int k = v;
      lines.add(line(v, x -> FINAL[k] - (FINAL[k] - 0.2) * Math.exp(-x / PACE[k] / 1.4), 0.004));
    }
    return Figure.overSteps(
        "accuracy-over-steps",
        "Validation accuracy",
        Figure.Axis.of("validation accuracy"),
        "smallest to largest of three seeds",
        "Accuracy on the validation set after every 50 steps of finetuning.",
        lines);
  }

  private Figure loss() {
    List<Figure.Line> lines = new ArrayList<>();
    for (int v = 0; v < VARIATIONS.size(); v++) {
      int k = v;
      lines.add(line(v, x -> (1.02 - FINAL[k]) * 3 + 1.6 * Math.exp(-x / PACE[k] / 1.4), 0.004));
    }
    return Figure.overSteps(
        "loss-over-steps",
        "Validation loss",
        Figure.Axis.logarithmic("cross entropy"),
        "smallest to largest of three seeds",
        "Cross entropy on the validation set.",
        lines);
  }

  private BinnedFigure byHits() {
    double[] edges = {4, 8, 16, 32, 64, 128, 256, 512};
    long[] counts = {2104, 2510, 1802, 1204, 660, 302, 78};
    return new BinnedFigure(
        "accuracy-by-hits",
        "Accuracy by number of hits",
        "hits per cluster",
        true,
        "accuracy",
        "95 % Wilson interval",
        "Bins double in width.",
        edges,
        counts,
        binned(counts, 0.3));
  }

  private BinnedFigure byAngle() {
    double[] edges = {0, 15, 30, 45, 60, 75, 90};
    long[] counts = {512, 1302, 1911, 2240, 1805, 0};
    return new BinnedFigure(
        "accuracy-by-angle",
        "Accuracy by angle of incidence",
        "angle from the sensor's normal (degrees)",
        false,
        "accuracy",
        "95 % Wilson interval",
        "No cluster lay in the last bin.",
        edges,
        counts,
        binned(counts, 0.18));
  }

  private List<BinnedFigure.Line> binned(long[] counts, double fall) {
    List<BinnedFigure.Line> lines = new ArrayList<>();
    for (int v : new int[] {0, 1, 5, 6}) {
      double[] value = new double[counts.length];
      double[] low = new double[counts.length];
      double[] high = new double[counts.length];
      for (int i = 0; i < counts.length; i++) {
        double p = FINAL[v] - fall * Math.exp(-i / 1.3) + 0.01 * random.nextGaussian();
        double half = counts[i] == 0 ? Double.NaN : 1.96 * Math.sqrt(p * (1 - p) / counts[i]);
        value[i] = counts[i] == 0 ? Double.NaN : p;
        low[i] = p - half;
        high[i] = Math.min(1, p + half);
      }
      lines.add(new BinnedFigure.Line(VARIATIONS.get(v), value, low, high));
    }
    return lines;
  }

  private Figure roc(String particle) {
    List<Figure.Line> lines = new ArrayList<>();
    for (int v : new int[] {0, 4, 5, 6}) {
      double[] x = new double[101];
      double[] y = new double[101];
      double[] low = new double[101];
      double[] high = new double[101];
      for (int i = 0; i < x.length; i++) {
        x[i] = i / 100.0;
        double power = (1 - FINAL[v]) * 1.1;
        y[i] = Math.pow(x[i], power);
        low[i] = Math.pow(x[i], power * 1.25);
        high[i] = Math.pow(x[i], power * 0.8);
      }
      lines.add(new Figure.Line(VARIATIONS.get(v), Figure.Style.CURVE, x, y, low, high));
    }
    return Figure.roc(
        "roc-" + particle,
        "ROC, " + particle + " against the rest",
        "smallest to largest of three seeds",
        "Area under the curve 0.984 ± 0.002 for the best.",
        lines);
  }

  private Figure reliability() {
    List<Figure.Line> lines = new ArrayList<>();
    List<Spread> errors = new ArrayList<>();
    for (int v : new int[] {0, 5}) {
      double[] x = new double[10];
      double[] y = new double[10];
      double[] low = new double[10];
      double[] high = new double[10];
      for (int i = 0; i < x.length; i++) {
        x[i] = 0.05 + 0.1 * i;
        y[i] = v == 0 ? x[i] - 0.03 * x[i] : Math.pow(x[i], 1.5);
        low[i] = y[i] - 0.03;
        high[i] = y[i] + 0.03;
      }
      lines.add(new Figure.Line(VARIATIONS.get(v), Figure.Style.CURVE, x, y, low, high));
      errors.add(seeds(v == 0 ? 0.021 : 0.084, 0.003));
    }
    return Figure.reliability(
        "reliability",
        "Reliability",
        "95 % Wilson interval",
        "Right predictions over the probability that the network gave them.",
        lines,
        errors);
  }

  private ConfusionMatrix confusion(String id, int variation) {
    int n = CLASSES.size();
    long[][] counts = new long[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double wrong = (1 - FINAL[variation]) * Math.exp(-Math.abs(i - j) / 1.5) * 2;
        counts[i][j] = Math.round((i == j ? FINAL[variation] : wrong) * (1500 - 200 * i));
      }
    }
    return new ConfusionMatrix(
        id, "Confusion, " + VARIATIONS.get(variation), "Three seeds added up.", CLASSES, counts);
  }

  private MaskComparison reconstructions() {
    List<Long> iterations =
        List.of(0L, 50L, 100L, 200L, 400L, 800L, 1200L, 1600L, 2000L, 3000L, 4000L, 5000L);
    List<MaskComparison.Pair> pairs = new ArrayList<>();
    for (int t = 0; t < TRACKS; t++) {
      int label = t % CLASSES.size();
      pairs.add(pair("Track " + (t + 1), CLASSES.get(label), shapes.sparse(label), iterations));
    }
    List<Figure.Line> lines = new ArrayList<>();
    for (String name : List.of("with mask heads", "without mask heads")) {
      double end = name.startsWith("without") ? 0.64 : 0.81;
      double[] x = iterations.stream().mapToDouble(Long::doubleValue).toArray();
      double[] y = new double[x.length];
      double[] low = new double[x.length];
      double[] high = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = end * (1 - Math.exp(-x[i] / 600));
        low[i] = y[i] - 0.03;
        high[i] = y[i] + 0.03;
      }
      lines.add(new Figure.Line(name, Figure.Style.CURVE, x, y, low, high));
    }
    return new MaskComparison(
        "Sharpness is the energy's mean absolute gradient over the target's.",
        FULL_SCALE_KEV,
        "keV",
        iterations,
        pairs,
        Figure.overSteps(
            "sharpness",
            "Sharpness",
            Figure.Axis.of("sharpness"),
            "mean ± standard deviation over three seeds",
            "Mean over the 24 tracks.",
            lines));
  }

  private MaskComparison.Pair pair(
      String name, String particle, SparseTrack track, List<Long> iterations) {
    FloatImage energy = shapes.image(track, FULL_SCALE_KEV, 1);
    List<Track.Reconstruction> with = new ArrayList<>();
    List<FloatImage> without = new ArrayList<>();
    double[] sharpWith = new double[iterations.size()];
    double[] sharpWithout = new double[iterations.size()];
    for (int i = 0; i < iterations.size(); i++) {
      double progress = 1 - Math.exp(-iterations.get(i) / 900.0);
      with.add(shapes.reconstruction(energy, progress));
      without.add(shapes.learned(energy, progress * 0.7, 0.02));
      sharpWith[i] = 0.81 * progress;
      sharpWithout[i] = 0.64 * progress;
    }
    double kev = 0;
    for (float value : track.energy()) {
      kev += value;
    }
    return new MaskComparison.Pair(
        name,
        "%s, %d hits, %.0f keV".formatted(particle, track.size(), kev),
        shapes.image(track, FULL_SCALE_KEV, 0.75),
        energy,
        with,
        without,
        sharpWith,
        sharpWithout);
  }

  private Embeddings embeddings() {
    int[] labels = new int[POINTS];
    double[] angle = new double[POINTS];
    double[] length = new double[POINTS];
    double[] energy = new double[POINTS];
    List<SparseTrack> tracks = new ArrayList<>();
    for (int i = 0; i < POINTS; i++) {
      labels[i] = i % 50 == 49 ? -1 : random.nextInt(CLASSES.size());
      SparseTrack track = shapes.sparse(Math.max(0, labels[i]));
      tracks.add(track);
      angle[i] = 360 * random.nextDouble();
      length[i] = track.size() * 0.055;
      for (float value : track.energy()) {
        energy[i] += value;
      }
      if (i % 97 == 0) {
        angle[i] = Double.NaN;
      }
    }
    Map<Integer, Embeddings.Compared> compared = new TreeMap<>();
    for (int i = 0; i < 200; i++) {
      FloatImage input = shapes.image(tracks.get(i), FULL_SCALE_KEV, 0.75);
      compared.put(i, new Embeddings.Compared(input, shapes.reconstruction(input, 0.95)));
    }
    List<Embeddings.PointMap> maps = new ArrayList<>();
    for (String stage : List.of("before", "after")) {
      for (String method : List.of("PCA", "UMAP")) {
        maps.add(pointMap(stage, method, labels, angle));
      }
    }
    return new Embeddings(
        "4 000 clusters of the test set, features of 1792 numbers.",
        CLASSES,
        labels,
        List.of(
            new Embeddings.Quantity("Azimuth", "°", Embeddings.Scale.CYCLIC, angle),
            new Embeddings.Quantity("Length", "mm", Embeddings.Scale.LOGARITHMIC, length),
            new Embeddings.Quantity("Energy", "keV", Embeddings.Scale.LOGARITHMIC, energy)),
        "keV",
        tracks,
        compared,
        maps);
  }

  private Embeddings.PointMap pointMap(String stage, String method, int[] labels, double[] angle) {
    double apart = (stage.equals("after") ? 6 : 2) * (method.equals("UMAP") ? 1.4 : 1);
    double[] x = new double[POINTS];
    double[] y = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      double turn = 2 * Math.PI * labels[i] / CLASSES.size();
      double own = Double.isNaN(angle[i]) ? 0 : Math.toRadians(angle[i]);
      x[i] = apart * Math.cos(turn) + 1.2 * Math.cos(own) + 0.6 * random.nextGaussian();
      y[i] = apart * Math.sin(turn) + 1.2 * Math.sin(own) + 0.6 * random.nextGaussian();
    }
    int[] picks = random.ints(16, 0, POINTS).toArray();
    String axis = method.equals("PCA") ? "component " : "UMAP ";
    return new Embeddings.PointMap(
        method.toLowerCase(java.util.Locale.ROOT) + "-" + stage,
        method + (stage.equals("before") ? " before finetuning" : " after finetuning"),
        method.equals("PCA") ? "The two components hold 41 % of the variance." : "",
        axis + "1",
        axis + "2",
        x,
        y,
        picks);
  }

  private ProbeTable probe() {
    List<ProbeTable.Row> rows = new ArrayList<>();
    for (String name :
        List.of(
            "Energy", "Number of hits", "Length", "Angle of incidence", "cos of azimuth", "LET")) {
      double r2 = 0.95 - 0.09 * rows.size();
      rows.add(new ProbeTable.Row(name, List.of(seeds(r2, 0.01), seeds(r2 - 0.12, 0.02))));
    }
    rows.add(new ProbeTable.Row("Entry point", List.of(seeds(-0.04, 0.02), Spread.NONE)));
    return new ProbeTable(
        "probe-r2",
        "R² by quantity",
        "Ridge regression on 30 000 clusters, measured on 8 660 others.",
        List.of("before finetuning", "after finetuning"),
        rows);
  }
}
