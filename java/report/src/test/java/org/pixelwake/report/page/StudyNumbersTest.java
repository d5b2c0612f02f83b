package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.plot.AxisScale;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.MapColours;
import org.pixelwake.report.plot.MapLayout;
import org.pixelwake.report.section.Embeddings;

/// Numbers and places behind the figures of a study.
class StudyNumbersTest {
  private static final double NAN = Double.NaN;

  @Test
  void spreadsHaveTwoDigits() {
    assertEquals("0.9312 ± 0.0041", Numbers.withSpread(0.93117, 0.00412));
    assertEquals("121 ± 14", Numbers.withSpread(121.33, 14.05));
    assertEquals("12\u202f345 ± 120", Numbers.withSpread(12345.4, 123.2));
    assertEquals("1.23", Numbers.withSpread(1.23, NAN));
    assertEquals("not a number", Numbers.withSpread(NAN, 1));
    assertEquals("−0.010 ± 0.020", Numbers.withSpread(-0.01, 0.02));
  }

  @Test
  void seedsAreJoinedWhereTheyHaveValues() {
    Figure.Line line =
        Figure.Line.ofSeeds(
            "v",
            List.of(
                new Figure.Seed(new double[] {0, 10, 20}, new double[] {1, 2, NAN}),
                new Figure.Seed(new double[] {0, 20}, new double[] {3, 6})));
    assertArrayEquals(new double[] {0, 10, 20}, line.x());
    assertArrayEquals(new double[] {2, 2, 6}, line.y());
    assertArrayEquals(new double[] {1, 2, 6}, line.low());
    assertArrayEquals(new double[] {3, 2, 6}, line.high());
  }

  @Test
  void ticksAreRound() {
    AxisScale linear = AxisScale.fit(Figure.Axis.of("a"), 0.13, 0.94, 0, 100);
    assertEquals(List.of("0.2", "0.4", "0.6", "0.8"), labels(linear));
    AxisScale log = AxisScale.fit(Figure.Axis.logarithmic("a"), 0.02, 300, 0, 100);
    assertEquals(List.of("0.1", "1", "10", "100"), labels(log));
    AxisScale single = AxisScale.fit(Figure.Axis.of("a"), 7, 7, 0, 100);
    assertEquals(50, single.at(7), 1e-9);
    assertTrue(Double.isNaN(log.at(-1)));
    assertEquals("10⁶", AxisScale.label(1e6));
  }

  private static List<String> labels(AxisScale scale) {
    return scale.ticks().stream().map(AxisScale::label).toList();
  }

  @Test
  void picturesOfAMapDoNotCoverEachOther() {
    double[] same = new double[12];
    int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    MapLayout layout = MapLayout.of(new Embeddings.PointMap("m", "", "", "", "", same, same, all));
    for (int i = 0; i < all.length; i++) {
      assertTrue(
          layout.pickX()[i] >= 2 && layout.pickX()[i] <= MapLayout.WIDTH - MapLayout.PICTURE);
      for (int j = 0; j < i; j++) {
        double apart =
            Math.max(
                Math.abs(layout.pickX()[i] - layout.pickX()[j]),
                Math.abs(layout.pickY()[i] - layout.pickY()[j]));
        assertTrue(apart > MapLayout.PICTURE * 0.9, i + " and " + j + ": " + apart);
      }
    }
  }

  @Test
  void coloursFollowTheScale() {
    double[] values = new double[200];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.pow(10, i / 50.0);
    }
    MapColours log =
        MapColours.of(new Embeddings.Quantity("E", "keV", Embeddings.Scale.LOGARITHMIC, values));
    assertEquals(0.5, log.share(Math.sqrt(log.low() * log.high())), 1e-9);
    assertTrue(Double.isNaN(log.share(0)));
    MapColours angle =
        MapColours.of(new Embeddings.Quantity("φ", "°", Embeddings.Scale.CYCLIC, values));
    assertEquals(0.25, angle.share(-270), 1e-12);
    assertEquals(angle.share(10), angle.share(370), 1e-12);
    // Around the circle no neighbours differ by more than a few steps of 255, ends included.
    for (int i = 0; i < 256; i++) {
      int here = ColorMap.CYCLIC.rgb(i / 255f);
      int next = ColorMap.CYCLIC.rgb((i + 1) % 256 / 255f);
      for (int shift = 0; shift < 24; shift += 8) {
        assertTrue(Math.abs((here >> shift & 255) - (next >> shift & 255)) <= 8, "step " + i);
      }
    }
  }
}
