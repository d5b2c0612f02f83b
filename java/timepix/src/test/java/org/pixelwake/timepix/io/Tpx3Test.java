package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pixelwake.timepix.io.RawStream.globalHigh;
import static org.pixelwake.timepix.io.RawStream.globalLow;
import static org.pixelwake.timepix.io.RawStream.pixel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Fixtures;

/// The traps of the raw stream.
class Tpx3Test {
  private static final long PERIOD = 1L << 30;
  private static final double PERIOD_NS = 26.8435456e9;

  @TempDir Path temp;

  private record Hits(List<String> pixels, List<Double> times, ReadReport report, int width) {}

  private Hits hits(byte[] bytes, OpenOptions options) {
    Path file = Fixtures.write(temp, "raw.bin", bytes);
    try (EventSource source = (EventSource) HitSources.open(file, options)) {
      List<String> pixels = new ArrayList<>();
      List<Double> times = new ArrayList<>();
      HitBlock batch = new HitBlock(7);
      while (source.next(batch)) {
        for (int i = 0; i < batch.size; i++) {
          pixels.add(batch.x(i) + "," + batch.y(i) + " " + batch.energy[i]);
          times.add(batch.toa[i]);
        }
      }
      return new Hits(pixels, times, source.report(), source.info().width());
    }
  }

  private Hits hits(byte[] bytes) {
    return hits(bytes, OpenOptions.defaults());
  }

  @Test
  void fieldsOfAPixel() {
    Hits read = hits(new RawStream().chunk(0, pixel(255, 254, 1023, 12345678, 15)).bytes());
    assertEquals(List.of("255,254 1023.0"), read.pixels());
    assertEquals(List.of(12345678 * 25.0 - 15 * 1.5625), read.times());
    assertEquals(256, read.width());
    assertEquals(1L, read.report().packets().get("pixel"));
  }

  @Test
  void timeRollsOverAfter26Seconds() {
    RawStream stream = new RawStream();
    for (int i = 0; i < 12; i++) {
      stream.chunk(0, pixel(1, 1, 5, i * (PERIOD / 4) % PERIOD, 0));
    }
    Hits read = hits(stream.bytes());
    for (int i = 0; i < 12; i++) {
      assertEquals(i * PERIOD_NS / 4, read.times().get(i));
    }
  }

  @Test
  void chunksOutOfOrderAroundTheRolloverAreUnwrappedRightly() {
    byte[] bytes =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, PERIOD - 100, 0))
            .chunk(0, pixel(2, 1, 5, 50, 0))
            .chunk(0, pixel(3, 1, 5, PERIOD - 40, 0))
            .chunk(0, pixel(4, 1, 5, 10, 0))
            .bytes();
    assertEquals(
        List.of(PERIOD_NS - 2500, PERIOD_NS + 1250, PERIOD_NS - 1000, PERIOD_NS + 250),
        hits(bytes).times());
    var clusters = Fixtures.read(temp.resolve("raw.bin")).clusters();
    assertEquals(
        List.of("1,1", "3,1", "4,1", "2,1"),
        clusters.stream().map(c -> c.x()[0] + "," + c.y()[0]).toList());
  }

  @Test
  void globalTimeCarriesOverLongPauses() {
    long start = 7 * PERIOD + 1000;
    long later = start + 5 * PERIOD + PERIOD / 2;
    RawStream stream = new RawStream().chunk(0, pixel(1, 1, 5, start % PERIOD, 0));
    for (long t = start; t <= later; t += PERIOD / 8) {
      stream.chunk(0, globalLow(t), globalHigh(t));
    }
    Hits read = hits(stream.chunk(0, pixel(2, 2, 5, (later + 10) % PERIOD, 0)).bytes());
    assertEquals(1000 * 25.0, read.times().get(0));
    assertEquals(5.5 * PERIOD_NS + 1010 * 25.0, read.times().get(1));
    assertEquals(0, read.report().skippedTotal());
  }

  @Test
  void twoGlobalTimesAfterASilentPauseAreBelievedAndOneAloneIsNot() {
    long jump = 100 * PERIOD;
    RawStream pause =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, 40, 0), globalLow(50), globalHigh(50))
            .chunk(0, globalLow(jump), globalHigh(jump))
            .chunk(0, globalLow(jump + 40), globalHigh(jump + 40), pixel(1, 1, 5, 80, 0));
    assertEquals(100 * PERIOD_NS + 2000, hits(pause.bytes()).times().get(1));
    RawStream damaged =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, 40, 0), globalLow(50), globalHigh(50))
            .chunk(0, globalLow(jump), globalHigh(jump))
            .chunk(0, globalLow(60), globalHigh(60), pixel(1, 1, 5, 80, 0));
    assertEquals(2000.0, hits(damaged.bytes()).times().get(1));
  }

  @Test
  void fourChipsMakeAQuad() {
    RawStream stream = new RawStream();
    for (int chip = 0; chip < 4; chip++) {
      stream.chunk(chip, pixel(3, 5, 9, 100, 0));
    }
    Hits read = hits(stream.bytes());
    assertEquals(512, read.width());
    assertEquals(List.of("259,5 9.0", "508,506 9.0", "252,506 9.0", "3,5 9.0"), read.pixels());
    Hits single =
        hits(stream.bytes(), OpenOptions.defaults().withLayout(ChipLayout.SINGLE).withTolerance(1));
    assertEquals(List.of("3,5 9.0"), single.pixels());
    assertEquals(3, single.report().skippedTotal());
  }

  @Test
  void aFileCutInsideAPacketOrAChunkGivesWhatItHas() {
    byte[] whole =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, 1, 0), pixel(2, 1, 5, 2, 0), pixel(3, 1, 5, 3, 0))
            .bytes();
    Hits inPacket = hits(Arrays.copyOf(whole, 29));
    assertEquals(2, inPacket.pixels().size());
    assertEquals("file cut inside a packet", inPacket.report().skipped().get(0).reason());
    assertTrue(inPacket.report().skipped().get(0).first().endsWith("byte 29"));
    Hits inChunk = hits(Arrays.copyOf(whole, 24));
    assertEquals(2, inChunk.pixels().size());
    assertEquals("file cut inside a chunk", inChunk.report().skipped().get(0).reason());
  }

  @Test
  void bytesBetweenChunksArePassedAndLocated() {
    byte[] bytes =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, 1, 0))
            .raw((byte) 1, (byte) 2, (byte) 3)
            .chunk(0, pixel(2, 1, 5, 2, 0))
            .bytes();
    Hits read = hits(bytes);
    assertEquals(2, read.pixels().size());
    assertEquals(1, read.report().skippedTotal());
    assertTrue(read.report().skipped().get(0).first().endsWith("byte 16"));
  }

  @Test
  void aChunkShorterThanItsHeaderSaysEndsAtTheNextHeader() {
    byte[] bytes =
        new RawStream()
            .chunk(0, pixel(1, 1, 5, 1, 0), pixel(9, 9, 5, 1, 0))
            .chunk(0, pixel(2, 1, 5, 2, 0))
            .bytes();
    byte[] cut = new byte[bytes.length - 8];
    System.arraycopy(bytes, 0, cut, 0, 16);
    System.arraycopy(bytes, 24, cut, 16, bytes.length - 24);
    Hits read = hits(cut);
    assertEquals(List.of("1,1 5.0", "2,1 5.0"), read.pixels());
    assertEquals(1, read.report().skippedTotal());
  }

  @Test
  void otherPacketsAreCounted() {
    List<TdcEvent> events = new ArrayList<>();
    long tdc = 0x6FL << 56 | 77L << 44 | 1000L << 9 | 7L << 5;
    byte[] bytes =
        new RawStream()
            .chunk(0, tdc, 0x5000000000000001L, 0x71A0000000000000L, 0x71B0000000000000L)
            .chunk(0, 0x6BL << 56 | 1000L << 9, 0x3000000000000000L, pixel(1, 1, 5, 1, 0))
            .bytes();
    Hits read = hits(bytes, OpenOptions.defaults().withTdc(events::add));
    assertEquals(
        List.of(
            new TdcEvent(0, 1, true, 77, 3125.0 + 0.5 * 3.125, true),
            new TdcEvent(0, 2, false, 0, 3125.0, false)),
        events);
    assertEquals(2L, read.report().packets().get("command 0x71"));
    assertEquals(1L, read.report().packets().get("packet id"));
    assertEquals("packet of the unknown type 0x3", read.report().skipped().get(0).reason());
  }

  @Test
  void pixelsOfSequentialReadoutAreReadWithANotice() {
    long word = pixel(1, 1, 5, 1, 0) & ~(0xFL << 60) | 0xAL << 60;
    Hits read = hits(new RawStream().chunk(0, word).bytes());
    assertEquals(List.of("1,1 5.0"), read.pixels());
    assertTrue(read.report().notices().get(0).contains("sequential"));
  }

  @Test
  void theColumnPhaseIsAddedOnlyWhenAskedFor() {
    byte[] bytes = new RawStream().chunk(0, pixel(2, 1, 5, 4, 0), pixel(32, 1, 5, 4, 0)).bytes();
    assertEquals(List.of(100.0, 100.0), hits(bytes).times());
    assertEquals(
        List.of(101.5625, 125.0),
        hits(bytes, OpenOptions.defaults().withColumnPhase(true)).times());
  }

  @Test
  void randomBytesForcedAreRefused() {
    byte[] bytes = new byte[1 << 20];
    new java.util.Random(3).nextBytes(bytes);
    assertThrows(
        InputException.class, () -> hits(bytes, OpenOptions.defaults().withFormat(Format.TPX3)));
  }
}
