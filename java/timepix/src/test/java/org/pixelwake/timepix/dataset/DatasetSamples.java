package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;

/// Made-up clusters for the tests of data sets.
final class DatasetSamples {
  private DatasetSamples() {}

  static SourceInfo source(String file, EnergyUnit unit, boolean hasToa) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("Bias \"voltage\"", "200 V, µ");
    metadata.put("Acq time", "1.5");
    return new SourceInfo(file, "t3pa", "Timepix3", "H09-W0150", 256, 256, hasToa, unit, metadata);
  }

  /// Cluster of a given size whose values are drawn from its number.
  static Cluster cluster(int number, int size) {
    short[] x = new short[size];
    short[] y = new short[size];
    float[] energy = new float[size];
    float[] toa = new float[size];
    for (int i = 0; i < size; i++) {
      long bits = Philox.bits(7, number, i);
      x[i] = (short) (bits & 255);
      y[i] = (short) (bits >>> 8 & 255);
      energy[i] = (bits >>> 16 & 0xFFF) / 8f;
      toa[i] = (bits >>> 32 & 0xFF) * 1.5625f;
    }
    return new Cluster(number / 10, number * 12.5, x, y, energy, toa);
  }

  /// Sizes from 1 to 5000 hits, both ends included.
  static List<Cluster> clusters(int count) {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clusters.add(cluster(i, i == 3 ? 5000 : 1 + i * 7 % 40));
    }
    return clusters;
  }

  static Iterator<Cluster> stream(int count, int size) {
    return IntStream.range(0, count).mapToObj(i -> cluster(i, size)).iterator();
  }

  static void write(Path file, List<Cluster> clusters) {
    try (DatasetWriter writer =
        DatasetWriter.create(
            file, DatasetInfo.of("0.1.0", source("a.t3pa", EnergyUnit.KEV, true)))) {
      clusters.forEach(cluster -> writer.append(cluster, 0));
      writer.finish();
    }
  }
}
