package org.pixelwake.report.page;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Histogram;
import org.pixelwake.report.section.CurveSection;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.report.section.GallerySection;
import org.pixelwake.report.section.HistogramSection;
import org.pixelwake.report.section.Metric;
import org.pixelwake.report.section.MetricSection;
import org.pixelwake.report.section.SettingsSection;

/// A made-up run with tracks of the usual shapes, on 96 x 96 pixels at five pixels a hit.
final class SyntheticRun {
  static final int SIDE = 96;
  static final int SCALE = 5;
  static final int NATIVE = SIDE / SCALE;
  static final double FULL_SCALE_KEV = 300;
  static final double THRESHOLD_KEV = 10;

  private final Random random = new Random(7);
  private final List<Long> iterations = List.of(0L, 50L, 100L, 200L, 400L, 800L, 1400L, 2000L);

  Report report() {
    return Report.builder("Pretraining on Sr-90 electrons <demo & test>")
        .summary(
            "EfficientNet-B0 autoencoder, 96 × 96 pixels, 2 000 iterations of 16 clusters, 25 %"
                + " of the hits masked.")
        .section(new MetricSection(metrics()))
        .section(new GallerySection(gallery()))
        .section(new CurveSection(charts()))
        .section(new HistogramSection(List.of(histogram())))
        .section(
            SettingsSection.timing(
                "CPU, AVX2",
                2,
                214.7,
                Duration.ofSeconds(478),
                1_234_567_890L,
                Map.of("Java", "25.0.1")))
        .section(
            SettingsSection.ofRun()
                .add("Network", settings("Architecture", "efficientnet_b0", "Side", "96 pixels"))
                .add("Optimiser", settings("Learning rate", "1e-3, cosine", "Weight decay", "0.01"))
                .add(
                    "Data",
                    settings("Source", "<script>alert('x')</script>", "Clusters", "43 281")))
        .build();
  }

  private static Map<String, String> settings(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static List<Metric> metrics() {
    return List.of(
        new Metric(
            "Cluster-mask IoU",
            0.9712,
            "",
            Metric.Target.atLeast(0.95),
            "Mean intersection over union of predicted and true cluster, at probability 0.5."),
        new Metric(
            "Threshold-mask IoU",
            0.8874,
            "",
            Metric.Target.atLeast(0.90),
            "The same for the pixels above the energy threshold."),
        new Metric(
            "Image MSE against zero image",
            0.0612,
            "",
            Metric.Target.atMost(0.1),
            "Mean squared error as a share of that of an image of zeros."),
        new Metric("Image MSE", 0.000418, "", null, "Mean squared error of the energy image."));
  }

  private List<Figure> charts() {
    List<Figure> charts = new ArrayList<>();
    charts.add(loss("Total loss", 2.2, 0.09, "Weighted sum of the three losses; lower is better."));
    charts.add(loss("Image loss", 0.6, 0.02, "Weighted squared error of the image."));
    charts.add(loss("Cluster-mask loss", 0.9, 0.03, "Cross entropy and Dice of the cluster mask."));
    charts.add(loss("Threshold-mask loss", 0.7, 0.04, "The same above the energy threshold."));
    double[] steps = new double[2000];
    double[] rate = new double[2000];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = i + 1L;
      rate[i] = 1e-3 * Math.min(1, i / 100.0) * 0.5 * (1 + Math.cos(Math.PI * i / 2000));
    }
    charts.add(
        Figure.overIterations(
            "Learning rate",
            "",
            false,
            "Warm-up over 100 iterations, then a cosine down to zero.",
            List.of(new Figure.Line("learning rate", Figure.Style.OTHER, steps, rate))));
    return charts;
  }

  private Figure loss(String title, double start, double end, String explanation) {
    double[] steps = new double[2000];
    double[] train = new double[2000];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = i + 1L;
      train[i] = decay(start, end, i) * Math.exp(0.18 * random.nextGaussian());
    }
    double[] evaluated = new double[21];
    double[] held = new double[21];
    for (int i = 0; i < evaluated.length; i++) {
      evaluated[i] = i * 100L;
      held[i] = decay(start, end, i * 100) * (1.05 + 0.03 * random.nextGaussian());
    }
    return Figure.overIterations(
        title,
        "",
        true,
        explanation,
        List.of(
            new Figure.Line("train", Figure.Style.TRAIN, steps, train),
            new Figure.Line("held-out", Figure.Style.HELD_OUT, evaluated, held)));
  }

  private static double decay(double start, double end, int step) {
    return end + (start - end) * Math.exp(-step / 180.0);
  }

  private static Histogram histogram() {
    long[] before = {11_873, 9_214, 10_480, 7_803, 3_204, 641, 66};
    long[] after = {66, 66, 66, 66, 66, 66, 66};
    List<String> labels = List.of("1", "2–3", "4–7", "8–15", "16–31", "32–63", "64–127");
    return new Histogram(
        "Hits per cluster",
        "hits per cluster",
        "clusters",
        "Clusters in bins that double in width; balancing takes the same number from each bin, so"
            + " that the many small clusters do not drown the long tracks.",
        labels,
        before,
        after);
  }

  Gallery gallery() {
    List<Track> tracks = new ArrayList<>();
    tracks.add(track("Track 1", "curled electron", electron(70, 0.55), true));
    tracks.add(track("Track 2", "straight muon", line(2.3, 3.1, 0.5, 16), true));
    tracks.add(track("Track 3", "alpha particle", blob(4.2, 250), true));
    tracks.add(track("Track 4", "electron", electron(30, 0.8), false));
    tracks.add(track("Track 5", "X-ray", blob(0.9, 22), true));
    tracks.add(track("Track 6", "steep track", line(6, 6, 1.2, 6), true));
    return new Gallery(
        "A quarter of the hits was hidden from the network.",
        FULL_SCALE_KEV,
        "keV",
        iterations,
        tracks);
  }

  /// A random walk whose direction diffuses and whose energy loss rises at its end.
  private double[][] electron(int steps, double curl) {
    double[][] energy = new double[NATIVE][NATIVE];
    double x = 4;
    double y = 5;
    double angle = 0.4;
    for (int i = 0; i < steps; i++) {
      add(energy, x, y, 4 + 9 * random.nextDouble() + 40.0 * i * i / (steps * (double) steps));
      angle += curl * 0.35 * random.nextGaussian() + 0.03;
      x = Math.clamp(x + 0.6 * Math.cos(angle), 1, NATIVE - 2);
      y = Math.clamp(y + 0.6 * Math.sin(angle), 1, NATIVE - 2);
    }
    return energy;
  }

  private double[][] line(double x, double y, double slope, int length) {
    double[][] energy = new double[NATIVE][NATIVE];
    for (double t = 0; t < length; t += 0.4) {
      add(energy, x + t * 0.85, y + slope * t * 0.85, 5 + 8 * random.nextDouble());
    }
    return energy;
  }

  private double[][] blob(double radius, double peak) {
    double[][] energy = new double[NATIVE][NATIVE];
    double centre = NATIVE / 2.0 - 0.3;
    for (int y = 0; y < NATIVE; y++) {
      for (int x = 0; x < NATIVE; x++) {
        double r = Math.hypot(x - centre, y - centre) / radius;
        if (r < 1.15) {
          energy[y][x] = peak * Math.exp(-2 * r * r) * (0.9 + 0.2 * random.nextDouble());
        }
      }
    }
    return energy;
  }

  private static void add(double[][] energy, double x, double y, double kev) {
    int column = (int) x;
    int row = (int) y;
    if (column >= 0 && row >= 0 && column < NATIVE && row < NATIVE) {
      energy[row][column] += kev;
    }
  }

  private Track track(String name, String caption, double[][] kev, boolean withTimes) {
    float[] energy = new float[SIDE * SIDE];
    float[] masked = new float[SIDE * SIDE];
    float[] time = new float[SIDE * SIDE];
    float[] above = new float[SIDE * SIDE];
    float[] cluster = new float[SIDE * SIDE];
    float[] threshold = new float[SIDE * SIDE];
    double total = 0;
    int hits = 0;
    for (int y = 0; y < NATIVE; y++) {
      for (int x = 0; x < NATIVE; x++) {
        if (kev[y][x] <= 0) {
          continue;
        }
        total += kev[y][x];
        hits++;
        boolean visible = random.nextDouble() > 0.25;
        boolean high = kev[y][x] > THRESHOLD_KEV;
        float value = (float) Math.sqrt(kev[y][x] / FULL_SCALE_KEV);
        fill(energy, x, y, value);
        fill(cluster, x, y, 1);
        fill(threshold, x, y, high ? 1 : 0);
        fill(masked, x, y, visible ? value : 0);
        fill(above, x, y, visible && high ? 1 : 0);
        fill(time, x, y, visible && withTimes ? 0.1f + 0.04f * (x + y) : 0);
      }
    }
    List<Track.Reconstruction> reconstructions = new ArrayList<>();
    for (long iteration : iterations) {
      double progress = 1 - Math.exp(-iteration / 450.0);
      reconstructions.add(
          new Track.Reconstruction(
              learned(energy, progress, 0.02),
              learned(cluster, progress, 0.5),
              learned(threshold, progress, 0.45)));
    }
    return new Track(
        name,
        "%s, %d hits, %.0f keV".formatted(caption, hits, total),
        image(masked),
        image(time),
        image(above),
        image(energy),
        image(cluster),
        image(threshold),
        reconstructions);
  }

  private static void fill(float[] image, int x, int y, float value) {
    for (int dy = 0; dy < SCALE; dy++) {
      for (int dx = 0; dx < SCALE; dx++) {
        image[(y * SCALE + dy) * SIDE + x * SCALE + dx] = value;
      }
    }
  }

  /// From noise around a prior over a blurred image to almost the image itself.
  private FloatImage learned(float[] target, double progress, double prior) {
    float[] result = new float[target.length];
    int blur = (int) Math.round(6 * (1 - progress));
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double mean = mean(target, x, y, blur);
        double noise = (0.25 * (1 - progress) + 0.02) * random.nextGaussian();
        result[y * SIDE + x] = (float) (progress * mean + (1 - progress) * prior + noise * 0.5);
      }
    }
    return image(result);
  }

  private static double mean(float[] image, int x, int y, int blur) {
    double sum = 0;
    int count = 0;
    for (int v = Math.max(0, y - blur); v <= Math.min(SIDE - 1, y + blur); v++) {
      for (int u = Math.max(0, x - blur); u <= Math.min(SIDE - 1, x + blur); u++) {
        sum += image[v * SIDE + u];
        count++;
      }
    }
    return sum / count;
  }

  private static FloatImage image(float[] values) {
    return FloatImage.of(SIDE, SIDE, values);
  }
}
