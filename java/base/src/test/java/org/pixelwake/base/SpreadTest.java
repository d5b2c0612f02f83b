package org.pixelwake.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SpreadTest {
  private static final double NAN = Double.NaN;

  @Test
  void meanSampleDeviationAndStandardError() {
    Spread spread = Spread.of(2, 4, 9);
    assertEquals(new Spread(5, Math.sqrt(13), 3, NAN, NAN), spread);
    assertEquals(Math.sqrt(13.0 / 3), spread.standardError(), 1e-12);
  }

  @Test
  void valuesThatAreNotFiniteAreNotMeasured() {
    Spread spread = Spread.of(1, NAN, 3, Double.POSITIVE_INFINITY);
    assertEquals(2, spread.mean());
    assertEquals(Math.sqrt(2), spread.deviation(), 1e-12);
    assertEquals(2, spread.count());
    assertFalse(Spread.of(NAN).measured());
    assertEquals(Spread.NONE, Spread.of());
  }

  @Test
  void oneValueHasNoSpread() {
    assertTrue(Double.isNaN(Spread.of(5).deviation()));
    assertTrue(Double.isNaN(Spread.of(5).standardError()));
    assertEquals(5, Spread.of(5).from());
  }

  @Test
  void anIntervalIsDrawnInPlaceOfTheDeviation() {
    Spread spread = Spread.of(1, 3).interval(0.5, 4);
    assertEquals(0.5, spread.from());
    assertEquals(4, spread.to());
    assertThrows(IllegalArgumentException.class, () -> spread.interval(4, 0.5));
  }
}
