package org.pixelwake.timepix.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;

class QuantityTest {
  private static DatasetInfo info(int width) {
    return DatasetInfo.of(
        "1",
        new SourceInfo("a", "xyc", "Timepix", "", width, 256, false, EnergyUnit.TOT, Map.of()));
  }

  private static final Cluster ROW =
      new Cluster(
          0, 0, new short[] {4, 5, 6, 7}, new short[4], new float[] {1, 2, 3, 4}, new float[4]);
  private static final Cluster DOT =
      new Cluster(0, 0, new short[] {3}, new short[] {3}, new float[] {7}, new float[1]);

  @Test
  void measuredOnesAreAlwaysThereThoseOfTheTruthWhereItIs() {
    List<Quantity> measured = Quantity.of(ClusterTable.of(List.of(ROW, DOT), 0), info(256));
    assertEquals(
        List.of("hits", "energy ToT", "length px"),
        measured.stream().map(q -> (q.name() + " " + q.unit()).strip()).toList());
    assertArrayEquals(new float[] {4, 1}, measured.get(0).values());
    assertArrayEquals(new float[] {10, 7}, measured.get(1).values());
    assertArrayEquals(new float[] {3, 0}, measured.get(2).values(), 1e-6f);
    float nan = Float.NaN;
    Truth truth = new Truth(11, 1.5f, 30, nan, nan, nan, 90, nan, 0);
    List<Quantity> all =
        Quantity.of(ClusterTable.of(List.of(ROW.withTruth(truth), DOT), 0), info(256));
    assertEquals(
        List.of("hits", "energy", "length", "primary_energy", "deposited_energy", "theta"),
        all.stream().map(Quantity::name).toList());
    assertArrayEquals(new float[] {1.5f, nan}, all.get(3).values());
    assertArrayEquals(new float[] {90, nan}, all.get(4).values());
    assertArrayEquals(new float[] {30, nan}, all.get(5).values());
  }

  @Test
  void hitsBesideTheSensorAreTold() {
    InputException e =
        assertThrows(
            InputException.class,
            () -> Quantity.of(ClusterTable.of(List.of(DOT, ROW), 0), info(6)));
    assertTrue(e.getMessage().contains("cluster 1"), e.getMessage());
  }
}
