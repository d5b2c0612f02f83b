package org.pixelwake.training.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegressionTest {
  private static final double EXACT = 1e-12;

  @Test
  void figuresOfFourValuesByHand() {
    Regression all =
        Regression.of(
            new double[] {1, 2, 3, 6}, new double[] {1, 3, 3, 4}, new Bootstrap(300, 0.9, 2));
    assertEquals(3.0 / 4, all.meanAbsoluteError().value(), EXACT);
    assertEquals(Math.sqrt(5.0 / 4), all.rootMeanSquareError().value(), EXACT);
    assertEquals(-1.0 / 4, all.bias().value(), EXACT);
    assertEquals(1 - 5.0 / 14, all.r2().value(), EXACT);
    assertTrue(all.meanAbsoluteError().low() < 0.75 && all.meanAbsoluteError().high() > 0.75);
  }

  @Test
  void r2IsNotDefinedWhereTheTruthIsTheSame() {
    Regression all =
        Regression.of(new double[] {2, 2}, new double[] {2, 3}, new Bootstrap(10, 0.9, 2));
    assertTrue(Double.isNaN(all.r2().value()));
    assertTrue(Double.isNaN(all.r2().low()));
  }

  @Test
  void meanIntervalIsThatOfItsStandardError() {
    Random random = new Random(3);
    int n = 1000;
    double[] truth = new double[n];
    double[] estimate = new double[n];
    for (int i = 0; i < n; i++) {
      truth[i] = 1e6 + random.nextGaussian();
      estimate[i] = truth[i] + 0.5 * random.nextGaussian();
    }
    Regression all = Regression.of(truth, estimate, new Bootstrap(2000, 0.95, 5));
    double half = 1.96 * 0.5 / Math.sqrt(n);
    assertEquals(2 * half, all.bias().high() - all.bias().low(), 0.2 * half);
    assertEquals(0.75, all.r2().value(), 0.04);
  }

  @Test
  void anglesRepeat() {
    double[] differences =
        AngularError.difference(new double[] {10, 179, -89, 0}, new double[] {30, 1, 89, 90}, 180);
    assertArrayEquals(new double[] {20, 2, 2, 90}, differences, 1e-9);
    AngularError error = AngularError.of(differences, Bootstrap.NONE);
    assertEquals(28.5, error.mean().value(), 1e-9);
    assertEquals(2, error.median().value(), 1e-9);
    assertEquals(20, error.containment().value(), 1e-9);
    assertEquals(Math.sqrt(8508.0 / 4), error.rootMeanSquare().value(), 1e-9);
  }

  @Test
  void anglesBetweenAxes() {
    assertEquals(0, AngularError.between(40, 10, 40, 10), 1e-9);
    assertEquals(1e-5, AngularError.between(0, 0, 1e-5, 77), 1e-12);
    assertEquals(60, AngularError.between(30, 20, 30, -160), 1e-9);
    // Lying on the sensor, either end is the other.
    assertEquals(0, AngularError.between(90, 20, 90, -160), 1e-9);
    assertEquals(90, AngularError.between(0, 0, 90, 45), 1e-9);
    // Spherical law of cosines.
    double cos = Math.cos(Math.toRadians(50)) * Math.cos(Math.toRadians(20));
    cos +=
        Math.sin(Math.toRadians(50)) * Math.sin(Math.toRadians(20)) * Math.cos(Math.toRadians(33));
    double expected = Math.toDegrees(Math.acos(cos));
    assertEquals(expected, AngularError.between(50, 0, 20, 33), 1e-9);
  }

  @Test
  void stepsToAShareOfTheEnd() {
    LearningCurve curve =
        new LearningCurve(
            new long[] {0, 100, 200, 300, 400}, new double[] {0.5, 0.6, 0.9, 0.8, 1.0});
    // 0.9 is met exactly at 200, and that the curve falls again does not matter.
    assertEquals(OptionalLong.of(200), curve.stepsTo(0.9));
    assertEquals(OptionalLong.of(400), curve.stepsTo(0.95));
    assertEquals(OptionalLong.of(0), curve.stepsTo(0.5));
    assertEquals(OptionalLong.of(400), curve.stepsTo(1));
    assertEquals(OptionalLong.empty(), curve.stepsTo(1.1));
    // 90 % of the way from 0.5 is 0.95.
    assertEquals(OptionalLong.of(400), curve.stepsToRise(0.9));
    assertEquals(OptionalLong.of(200), curve.stepsToRise(0.5));
    assertEquals(0.9, curve.end(2), EXACT);
    assertEquals(OptionalLong.of(200), curve.stepsToValue(curve.end(2)));
    assertEquals(OptionalLong.empty(), curve.stepsToValue(1.5));
  }

  @Test
  void curvesThatDoNotRise() {
    LearningCurve flat = new LearningCurve(new long[] {10, 20}, new double[] {0.7, 0.7});
    assertEquals(OptionalLong.of(10), flat.stepsTo(0.9));
    assertEquals(OptionalLong.empty(), flat.stepsToRise(0.9));
    LearningCurve falling = new LearningCurve(new long[] {10, 20}, new double[] {0.7, 0.6});
    assertEquals(OptionalLong.of(10), falling.stepsTo(0.9));
    assertEquals(OptionalLong.empty(), falling.stepsToRise(0.9));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LearningCurve(new long[] {10, 10}, new double[] {1, 2}));
  }
}
