package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Fixtures;

/// The traps of `.t3pa` and its relatives.
class T3paTest {
  private static final String HEADER = "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n";

  @TempDir Path temp;

  private record Hits(List<String> hits, ReadReport report) {}

  private static Hits hits(Path file, OpenOptions options) {
    try (EventSource source = (EventSource) HitSources.open(file, options)) {
      List<String> hits = new ArrayList<>();
      HitBlock batch = new HitBlock(2);
      while (source.next(batch)) {
        for (int i = 0; i < batch.size; i++) {
          hits.add(
              batch.segment
                  + ": "
                  + batch.x(i)
                  + ","
                  + batch.y(i)
                  + " "
                  + batch.energy[i]
                  + " @"
                  + batch.toa[i]);
        }
      }
      return new Hits(hits, source.report());
    }
  }

  private static Hits hits(Path file) {
    return hits(file, OpenOptions.defaults());
  }

  @Test
  void fineTimeGoesTo31AndOverflowRowsAreMarkers() {
    Hits read = hits(Fixtures.path("t3pa/tabs.t3pa"));
    assertEquals(
        List.of(
            "0: 126,77 1.0 @203350.0",
            "0: 128,77 1.0 @203351.5625",
            "0: 130,76 1.0 @203351.5625",
            "0: 121,76 12.0 @499981.25"),
        read.hits());
    assertEquals(3, read.report().markers(), "0x74 and 0x75 in either index column");
    assertEquals(0, read.report().skippedTotal());
  }

  @Test
  void columnsPartedByBlanksUnderAnyName() {
    Hits read = hits(Fixtures.path("t3pa/blanks.dat"));
    assertEquals(List.of("0: 1,1 9.0 @2500.0", "0: 2,1 7.0 @2520.3125"), read.hits());
  }

  @Test
  void threeColumnsUnderASixColumnHeaderAreNoticed() {
    Hits read = hits(Fixtures.path("t3pa/three-columns.t3pa"));
    assertEquals(List.of("0: 1,1 9.0 @2500.0", "0: 2,1 7.0 @2525.0"), read.hits());
    assertEquals(1, read.report().notices().size());
    assertTrue(read.report().notices().get(0).contains("rows have 3"));
  }

  @Test
  void anIndexThatRestartsBeginsASegment() {
    String text =
        HEADER
            + "0\t1\t900000\t5\t0\t0\n1\t1\t900001\t5\t0\t0\n0\t1\t4\t5\t0\t0\n1\t2\t5\t5\t0\t0\n";
    Hits read = hits(Fixtures.write(temp, "a.t3pa", text));
    assertEquals(
        List.of(
            "0: 1,0 5.0 @2.25E7",
            "0: 1,0 5.0 @2.2500025E7",
            "1: 1,0 5.0 @100.0",
            "1: 2,0 5.0 @125.0"),
        read.hits());
    assertEquals(2, Fixtures.read(temp.resolve("a.t3pa")).clusters().size());
  }

  @Test
  void columnsGoByTheirNames() {
    String text = "Index\tMatrix Index\tToT\tToA\n0\t1\t7\t10\n";
    assertEquals(List.of("0: 1,0 7.0 @250.0"), hits(Fixtures.write(temp, "a.t3pa", text)).hits());
    Path without =
        Fixtures.write(temp, "b.t3pa", "Index\tMatrix Index\tToA\tFToA\tOverflow\n0\t1\t7\t1\t0\n");
    InputException e = assertThrows(InputException.class, () -> hits(without));
    assertTrue(e.getMessage().contains("ToT"), e.getMessage());
  }

  @Test
  void pixelsBeyondOneChipMakeAQuadUnlessForced() {
    Path file =
        Fixtures.write(temp, "q.t3pa", HEADER + "0\t231960\t10\t5\t0\t0\n1\t512\t11\t5\t0\t0\n");
    Hits quad = hits(file);
    assertEquals(List.of("0: 24,453 5.0 @250.0", "0: 0,1 5.0 @275.0"), quad.hits());
    assertTrue(quad.report().notices().get(0).contains("quad"));
    Hits single = hits(file, OpenOptions.defaults().withLayout(ChipLayout.SINGLE));
    assertEquals(List.of("0: 0,2 5.0 @275.0"), single.hits());
    assertEquals(1, single.report().skippedTotal());
  }

  @Test
  void aCutLastRowIsForgivenAndLocated() {
    Path file = Fixtures.write(temp, "c.t3pa", HEADER + "0\t1\t10\t5\t0\t0\n1\t2\t11\t");
    Hits read = hits(file);
    assertEquals(1, read.hits().size());
    assertTrue(read.report().skipped().get(0).first().endsWith("line 3"));
  }

  @Test
  void moreThanTheToleranceIsRefused() {
    StringBuilder text = new StringBuilder(HEADER);
    for (int i = 0; i < 3000; i++) {
      text.append(i % 10 == 3 ? "garbage in here\n" : i + "\t5\t" + i * 1000 + "\t5\t0\t0\n");
    }
    Path file = Fixtures.write(temp, "d.t3pa", text.toString());
    InputException e = assertThrows(InputException.class, () -> hits(file));
    assertTrue(e.getMessage().contains("line 5"), e.getMessage());
    assertTrue(e.getMessage().contains("5 %"), e.getMessage());
    assertEquals(2700, hits(file, OpenOptions.defaults().withTolerance(0.2)).hits().size());
  }

  @Test
  void aHeaderAloneIsAMeasurementWithoutHits() {
    assertEquals(0, hits(Fixtures.write(temp, "e.t3pa", HEADER)).hits().size());
  }

  @Test
  void burdaColumnsAndByteOrderMark() {
    Hits read = hits(Fixtures.path("burda/burda.txt"));
    assertEquals(
        List.of(
            "0: 126,77 12.0 @203350.0", "0: 127,77 9.0 @203351.5625", "0: 100,0 3.0 @2249998.4375"),
        read.hits());
  }

  @Test
  void burdaHitsWithoutToTAndComments() {
    Hits read =
        hits(
            Fixtures.write(
                temp,
                "k.txt",
                """
                # Katherine
                #
                # matrix toa ftoa tot
                257 4 0 0
                258\t5\t1\t-1
                # lost
                259   6  31 1023
                """
                    .replace("\n", "\r\n")));
    assertEquals(List.of("0: 1,1 0.0 @100.0", "0: 3,1 1023.0 @101.5625"), read.hits());
    var skipped = read.report().skipped();
    assertEquals(1, skipped.size(), skipped.toString());
    assertEquals("hit without a ToT (-1)", skipped.get(0).reason());
    assertTrue(skipped.get(0).first().endsWith("k.txt: line 5"), skipped.toString());
    assertFalse(skipped.get(0).malformed());
  }
}
