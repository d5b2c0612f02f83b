package org.pixelwake.training.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;

class TargetScaleTest {
  private static final float NAN = Float.NaN;

  private static ClusterTable table(float... energies) {
    List<Cluster> clusters = new ArrayList<>();
    for (float energy : energies) {
      clusters.add(
          new Cluster(
              0,
              0,
              new short[1],
              new short[1],
              new float[] {1},
              new float[1],
              new Truth(11, energy, 45, 300, NAN, NAN, NAN, NAN, 0)));
    }
    return ClusterTable.of(clusters, 0);
  }

  private static float roundTrip(TargetScale scale, float value) {
    float[] columns = new float[scale.columns()];
    scale.encode(value, columns, 0);
    return scale.decode(columns, 0);
  }

  @Test
  void energiesAreLearnedAsLogarithms() {
    // Logarithms 0, 1, 2 and an unknown one: mean 1, deviation sqrt(2/3).
    TargetScale scale =
        TargetScale.fit(
            RegressionTarget.PRIMARY_ENERGY, table(1, 10, 100, NAN), new int[] {0, 1, 2, 3});
    assertEquals(1, scale.mean(), 1e-12);
    assertEquals(Math.sqrt(2.0 / 3), scale.deviation(), 1e-12);
    float[] columns = new float[1];
    scale.encode(1000, columns, 0);
    assertEquals(2 / Math.sqrt(2.0 / 3), columns[0], 1e-6);
    assertEquals(37, roundTrip(scale, 37), 1e-4);
    assertEquals(1, scale.error(100, 10), 1e-12);
    assertEquals("dex", scale.errorUnit());
    assertTrue(Float.isNaN(roundTrip(scale, NAN)));
    assertTrue(Float.isNaN(roundTrip(scale, 0)));
  }

  @Test
  void azimuthComesRound() {
    TargetScale scale = TargetScale.fit(RegressionTarget.PHI, table(1, 2), new int[] {0, 1});
    assertEquals(2, scale.columns());
    for (float phi : new float[] {0, 1, 90, 179, 181, 300, 359}) {
      assertEquals(phi, roundTrip(scale, phi), 1e-4);
    }
    assertEquals(350, roundTrip(scale, -10), 1e-4);
    assertEquals(2, scale.error(1, 359), 1e-6);
    assertEquals(-2, scale.error(359, 1), 1e-6);
    assertTrue(Double.isNaN(scale.error(1, NAN)));
  }

  @Test
  void whatIsUnknownOrConstantIsRefused() {
    ClusterTable table = table(5, 5, 5);
    int[] rows = {0, 1, 2};
    for (RegressionTarget target :
        List.of(
            RegressionTarget.DEPOSITED, RegressionTarget.PRIMARY_ENERGY, RegressionTarget.THETA)) {
      InputException e =
          assertThrows(InputException.class, () -> TargetScale.fit(target, table, rows));
      assertTrue(e.getMessage().contains(target.column()), e.getMessage());
    }
  }
}
