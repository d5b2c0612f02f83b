package org.pixelwake.report.image;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Made-up tracks of the usual shapes and their images.
public final class TestTracks {
  private static final int SIDE = 96;
  private static final int SCALE = 3;
  private static final int LIMIT = 31;
  private static final double THRESHOLD_KEV = 10;

  private final Random random;

  public TestTracks(Random random) {
    this.random = random;
  }

  /// @param label 0 curled electron, 1 muon, 2 proton, 3 alpha, 4 photon, 5 heavy ion
  public SparseTrack sparse(int label) {
    Map<Integer, Double> hits = new TreeMap<>();
    switch (label) {
      case 0 -> walk(hits, 15 + random.nextInt(50), 0.5, 4);
      case 1 -> walk(hits, 10 + random.nextInt(40), 0, 6);
      case 2 -> walk(hits, 10 + random.nextInt(25), 0.02, 25);
      case 3 -> blob(hits, 2.5 + 2 * random.nextDouble(), 250);
      case 4 -> blob(hits, 1, 20);
      default -> {
        walk(hits, 20 + random.nextInt(20), 0.01, 120);
        walk(hits, 12, 0.4, 5);
      }
    }
    int[] x = new int[hits.size()];
    int[] y = new int[hits.size()];
    float[] energy = new float[hits.size()];
    int i = 0;
    for (var hit : hits.entrySet()) {
      x[i] = hit.getKey() % 1000;
      y[i] = hit.getKey() / 1000;
      energy[i++] = hit.getValue().floatValue();
    }
    return SparseTrack.anywhere(x, y, energy);
  }

  private void walk(Map<Integer, Double> hits, int steps, double curl, double kev) {
    double x = LIMIT / 2.0;
    double y = LIMIT / 2.0;
    double angle = 2 * Math.PI * random.nextDouble();
    if (curl < 0.3) {
      x -= steps * 0.3 * Math.cos(angle);
      y -= steps * 0.3 * Math.sin(angle);
    }
    for (int i = 0; i < steps; i++) {
      double rise = 1 + 3.0 * i * i / ((double) steps * steps);
      add(hits, x, y, kev * rise * (0.6 + 0.8 * random.nextDouble()));
      if (kev > 20) {
        add(hits, x + 1, y, kev * rise * 0.3 * random.nextDouble());
        add(hits, x, y + 1, kev * rise * 0.3 * random.nextDouble());
      }
      angle += curl * random.nextGaussian();
      x = Math.clamp(x + 0.6 * Math.cos(angle), 0, LIMIT);
      y = Math.clamp(y + 0.6 * Math.sin(angle), 0, LIMIT);
    }
  }

  private void blob(Map<Integer, Double> hits, double radius, double peak) {
    for (double dy = -radius; dy <= radius; dy++) {
      for (double dx = -radius; dx <= radius; dx++) {
        double r = Math.hypot(dx, dy) / radius;
        if (r <= 1) {
          double kev = peak * Math.exp(-2 * r * r) * (0.9 + 0.2 * random.nextDouble());
          add(hits, 10 + dx, 10 + dy, kev);
        }
      }
    }
  }

  private static void add(Map<Integer, Double> hits, double x, double y, double kev) {
    int row = (int) y;
    int column = (int) x;
    hits.merge(row * 1000 + column, kev, Double::sum);
  }

  /// The track in the middle of an image, upsampled, as the network sees it.
  ///
  /// @param kept share of the hits that are not hidden
  public FloatImage image(SparseTrack track, double fullScale, double kept) {
    float[] values = new float[SIDE * SIDE];
    int extent = 0;
    for (int i = 0; i < track.size(); i++) {
      extent = Math.max(extent, Math.max(track.x()[i], track.y()[i]));
    }
    int margin = Math.max(0, SIDE / SCALE - extent - 1) / 2 * SCALE;
    for (int i = 0; i < track.size(); i++) {
      if (random.nextDouble() >= kept) {
        continue;
      }
      float value = (float) Math.sqrt(track.energy()[i] / fullScale);
      for (int p = 0; p < SCALE * SCALE; p++) {
        int row = margin + track.y()[i] * SCALE + p / SCALE;
        int column = margin + track.x()[i] * SCALE + p % SCALE;
        if (row < SIDE && column < SIDE) {
          values[row * SIDE + column] = value;
        }
      }
    }
    return FloatImage.of(SIDE, SIDE, values);
  }

  /// What a network might return, the closer to 1 the progress the better.
  public Track.Reconstruction reconstruction(FloatImage energy, double progress) {
    float[] cluster = new float[SIDE * SIDE];
    float[] threshold = new float[SIDE * SIDE];
    for (int i = 0; i < cluster.length; i++) {
      cluster[i] = energy.at(i) > 0 ? 1 : 0;
      threshold[i] = energy.at(i) > Math.sqrt(THRESHOLD_KEV / 300) ? 1 : 0;
    }
    return new Track.Reconstruction(
        learned(energy, progress, 0.02),
        learned(FloatImage.of(SIDE, SIDE, cluster), progress, 0.5),
        learned(FloatImage.of(SIDE, SIDE, threshold), progress, 0.45));
  }

  /// From noise around a prior over a blurred image to almost the image itself.
  public FloatImage learned(FloatImage target, double progress, double prior) {
    float[] result = new float[SIDE * SIDE];
    int blur = (int) Math.round(5 * (1 - progress));
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double noise = (0.12 * (1 - progress) + 0.004) * random.nextGaussian();
        result[y * SIDE + x] =
            (float) (progress * mean(target, x, y, blur) + (1 - progress) * prior + noise);
      }
    }
    return FloatImage.of(SIDE, SIDE, result);
  }

  private static double mean(FloatImage image, int x, int y, int blur) {
    double sum = 0;
    int count = 0;
    for (int v = Math.max(0, y - blur); v <= Math.min(SIDE - 1, y + blur); v++) {
      for (int u = Math.max(0, x - blur); u <= Math.min(SIDE - 1, x + blur); u++) {
        sum += image.at(u, v);
        count++;
      }
    }
    return sum / count;
  }
}
