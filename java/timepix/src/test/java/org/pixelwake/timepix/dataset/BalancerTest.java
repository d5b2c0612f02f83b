package org.pixelwake.timepix.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.dataset.Balancer.Selection;
import org.pixelwake.timepix.dataset.Balancer.SmallBins;

final class BalancerTest {
  @Test
  void binsOfPowersOfTwo() {
    ExponentialBins bins = ExponentialBins.POWERS_OF_TWO;
    assertEquals(31, bins.count());
    int[] hits = {1, 2, 3, 4, 7, 8, 1023, 1024, 2000, 65536, Integer.MAX_VALUE};
    int[] expected = {0, 1, 1, 2, 2, 3, 9, 10, 10, 16, 30};
    for (int i = 0; i < hits.length; i++) {
      assertEquals(expected[i], bins.indexOf(hits[i]), "hits " + hits[i]);
    }
    assertEquals("1", bins.label(0));
    assertEquals("4-7", bins.label(2));
    assertEquals(Integer.MAX_VALUE, bins.upper(30));
    assertThrows(IllegalArgumentException.class, () -> bins.indexOf(0));
  }

  @Test
  void binsOfOtherBasesCoverEveryCountOnce() {
    for (double base : new double[] {1.05, 1.5, 3, 10, 1024}) {
      ExponentialBins bins = new ExponentialBins(base);
      assertEquals(1, bins.lower(0));
      for (int bin = 0; bin + 1 < bins.count(); bin++) {
        assertTrue(bins.lower(bin) <= bins.upper(bin));
        assertEquals(bins.upper(bin) + 1, bins.lower(bin + 1));
        assertEquals(bin, bins.indexOf(bins.lower(bin)));
        assertEquals(bin, bins.indexOf(bins.upper(bin)));
      }
    }
    assertEquals("4-5", new ExponentialBins(1.5).label(3));
    assertEquals("100-999", new ExponentialBins(10).label(2));
    assertThrows(IllegalArgumentException.class, () -> new ExponentialBins(1));
    assertThrows(IllegalArgumentException.class, () -> new ExponentialBins(Double.NaN));
  }

  /// 10000 single hits, 3000 of 2-3, 400 of 4-7, 60 of 8-15, 20 of 16, 5 of 3000, in mixed order.
  private static int[] sizes() {
    int[] counts = {10_000, 3000, 400, 60, 20, 5};
    int[] size = {1, 3, 5, 12, 16, 3000};
    int[] sizes = new int[Arrays.stream(counts).sum()];
    int at = 0;
    for (int bin = 0; bin < counts.length; bin++) {
      Arrays.fill(sizes, at, at + counts[bin], size[bin]);
      at += counts[bin];
    }
    for (int i = sizes.length - 1; i > 0; i--) {
      int j = (int) (Philox.uniform(Philox.bits(3, 0, i)) * (i + 1));
      int swap = sizes[i];
      sizes[i] = sizes[j];
      sizes[j] = swap;
    }
    return sizes;
  }

  @Test
  void everyFullBinGetsTheSmallestCount() {
    int[] sizes = sizes();
    Selection selection = Balancer.withSeed(1).select(sizes);
    assertEquals(60, selection.target());
    assertEquals("1:60 2-3:60 4-7:60 8-15:60", selection.after().toString());
    assertEquals(
        "1:10000 2-3:3000 4-7:400 8-15:60 16-31:20 32-63:0 64-127:0 128-255:0 256-511:0 512-1023:0"
            + " 1024-2047:0 2048-4095:5",
        selection.before().toString());
    assertEquals(5, selection.outsideLimits());
    assertEquals(20, selection.inSmallBins());
    assertEquals(240, selection.rows().length);
    int[] chosen = Arrays.stream(selection.rows()).map(row -> sizes[row]).toArray();
    assertEquals(selection.after(), SizeHistogram.of(ExponentialBins.POWERS_OF_TWO, chosen));
    assertArrayEquals(
        Arrays.stream(selection.rows()).sorted().distinct().toArray(), selection.rows());
  }

  @Test
  void smallBinsKeptAndCapped() {
    Balancer balancer =
        new Balancer(ExponentialBins.POWERS_OF_TWO, 2, 5000, 50, SmallBins.KEEP, 30, 1);
    Selection selection = balancer.select(sizes());
    assertEquals(30, selection.target());
    assertEquals(10_000, selection.outsideLimits());
    assertEquals(25, selection.inSmallBins());
    assertEquals(0, selection.after().count(0));
    assertEquals(30, selection.after().count(1));
    assertEquals(30, selection.after().count(3));
    assertEquals(20, selection.after().count(4));
    assertEquals(5, selection.after().count(11));
  }

  @Test
  void choiceDependsOnSeedAndRowAlone() {
    int[] sizes = sizes();
    int[] rows = Balancer.withSeed(1).select(sizes).rows();
    assertArrayEquals(rows, Balancer.withSeed(1).select(sizes.clone()).rows());
    assertFalse(Arrays.equals(rows, Balancer.withSeed(2).select(sizes).rows()));
    // The rows of one bin do not depend on what is in the others.
    int[] changed = sizes.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = changed[i] == 3 ? 2 : changed[i];
    }
    assertArrayEquals(rows, Balancer.withSeed(1).select(changed).rows());
    // Spread over the file: no half has nearly all.
    long early = Arrays.stream(rows).filter(row -> row < sizes.length / 2).count();
    assertTrue(early > 80 && early < 160, early + " of 240 in the first half");
  }

  @Test
  void nothingToBalance() {
    InputException e =
        assertThrows(
            InputException.class, () -> Balancer.withSeed(1).select(new int[] {1, 1, 1, 2}));
    assertTrue(e.getMessage().contains("the fullest has 3"), e.getMessage());
    assertThrows(InputException.class, () -> Balancer.withSeed(1).select(new int[0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Balancer(ExponentialBins.POWERS_OF_TWO, 0, 10, 1, SmallBins.KEEP, 1, 1));
  }
}
