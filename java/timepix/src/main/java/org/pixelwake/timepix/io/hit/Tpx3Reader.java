package org.pixelwake.timepix.io.hit;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.TdcEvent;
import org.pixelwake.timepix.io.file.ByteWindow;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Hits of a raw `.tpx3` stream: chunks of little-endian 64-bit packets, each chunk with a header
/// `TPX3`, chip, mode, length.
///
/// A pixel packet (0xB data-driven, 0xA sequential): `[59:53]` double column, `[52:47]` super
/// pixel, `[46:44]` pixel, `[43:30]` ToA of 25 ns, `[29:20]` ToT, `[19:16]` FToA of 1.5625 ns,
/// `[15:0]` SPIDR time of 409.6 us.
final class Tpx3Reader extends ByteWindow implements HitOpener.HitReader {
  private static final int MAGIC = 0x33585054; // "TPX3", little-endian
  private static final int PROBE_BYTES = 1 << 24;
  private static final int CHIPS = 4;
  private static final int SIDE = 256;

  // Types of packets.
  private static final int SEQUENTIAL = 0xA;
  private static final int DATA_DRIVEN = 0xB;
  private static final int LARGEST_CHUNK_TOP = 0x4;
  private static final double TICK = 25.0;
  private static final double FINE_TICK = 1.5625;
  private static final double TDC_TICK = 3.125;
  private static final int TDC_FINE_STEPS = 12;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final boolean quad;
  private final boolean columnPhase;
  private final Consumer<TdcEvent> tdc;
  private final PixelFilter filter;
  private final long[] kinds = new long[256];
  private final ChipTime time = new ChipTime();
  private boolean finished;
  private int chunkLeft;
  private int chip;
  private boolean sound; // whether the layout has the chip
  private long[] ticks = new long[0];

  Tpx3Reader(FileTree.Entry entry, boolean quad, SourceOpener from) {
    super(entry, from.tally);
    this.quad = quad;
    this.columnPhase = from.options.columnPhase();
    this.tdc = from.options.tdc();
    this.filter = from.filter();
  }

  /// Whether the first 16 MiB of the file name a second chip.
  static boolean probeQuad(FileTree.Entry entry) {
    try (InputStream in = entry.open()) {
      byte[] header = new byte[8];
      long passed = 0;
      while (passed < PROBE_BYTES && in.readNBytes(header, 0, 8) == 8) {
        if ((int) INT.get(header, 0) != MAGIC) {
          return false; // damaged: what was seen so far must do
        }
        if (header[4] > 0 && header[4] < CHIPS) {
          return true;
        }
        int length = (header[6] & 0xFF) | (header[7] & 0xFF) << 8;
        in.skipNBytes(length);
        passed += 8L + length;
      }
      return false;
    } catch (IOException e) {
      return false; // the read itself will tell where the file ends
    }
  }

  @Override
  public boolean read(HitBlock batch) {
    batch.size = 0;
    while (!batch.full()) {
      if (!ensure(8)) {
        finish();
        return batch.size > 0;
      }
      if (chunkLeft >= 8) {
        int words =
            Math.min(Math.min(chunkLeft, limit - position) / 8, batch.pixel.length - batch.size);
        int pixels = sound ? pixels(batch, words) : 0;
        position += 8 * pixels;
        chunkLeft -= 8 * pixels;
        if (pixels == words) {
          continue;
        }
        long word = (long) LONG.get(buffer, position);
        if ((int) word == MAGIC && word >>> 60 < LARGEST_CHUNK_TOP) {
          malformed("chunk shorter than its header says");
          chunkLeft = 0;
          continue;
        }
        packet(word);
        position += 8;
        chunkLeft -= 8;
      } else {
        header();
      }
    }
    return true;
  }

  private void header() {
    if ((int) INT.get(buffer, position) != MAGIC) {
      resynchronise();
      return;
    }
    chip = buffer[position + 4] & 0xFF;
    chunkLeft = (buffer[position + 6] & 0xFF) | (buffer[position + 7] & 0xFF) << 8;
    if (chunkLeft % 8 != 0) {
      malformed("chunk whose length is no multiple of 8");
      chunkLeft -= chunkLeft % 8;
    }
    sound = chip < (quad ? CHIPS : 1);
    position += 8;
  }

  /// Passes bytes until the next chunk header; one malformed record, however long.
  private void resynchronise() {
    malformed("bytes outside a chunk");
    while (ensure(8)) {
      while (limit - position >= 8) {
        if ((int) INT.get(buffer, position) == MAGIC) {
          return;
        }
        position++;
      }
    }
    position = limit;
  }

  private void packet(long word) {
    int top = (int) (word >>> 56);
    kinds[top]++;
    switch (top >>> 4) {
      case DATA_DRIVEN, SEQUENTIAL ->
          malformed(
              "hit of chip " + chip + (quad ? ", beyond a quad" : ", but the layout is one chip"));
      case 0x6 -> tdc(word, top & 0xF);
      case 0x4 -> global(word, top);
      case 0x5, 0x7 -> tally.valid++;
      default -> malformed("packet of the unknown type 0x" + Integer.toHexString(top >>> 4));
    }
  }

  /// Adds the hits of the pixel packets that come next, up to the first other packet.
  ///
  /// @param words packets that are there
  /// @return the number of pixel packets
  private int pixels(HitBlock batch, int words) {
    if (ticks.length < words) {
      ticks = new long[words];
    }
    int found = unpack(batch, words);
    time.pixels(ticks, found);
    int begin = batch.size;
    for (int i = 0; i < found; i++) {
      batch.toa[begin + i] = TICK * ticks[i] - batch.toa[begin + i];
    }
    if (columnPhase) {
      for (int i = begin; i < begin + found; i++) {
        int phase = batch.x(i) / 2 % 16;
        batch.toa[i] += FINE_TICK * (phase == 0 ? 16 : phase);
      }
    }
    if (quad) {
      place(batch, begin, begin + found);
    }
    tally.valid += found;
    batch.size = filter.apply(batch, begin, begin + found);
    return found;
  }

  /// Unpacks pixel packets into columns of the batch, after the hits that it holds. The column of
  /// times gets what is to be taken from the ticks, in ns.
  private int unpack(HitBlock batch, int words) {
    byte[] bytes = buffer;
    int begin = batch.size;
    int sequential = 0;
    int n = 0;
    for (; n < words; n++) {
      long word = (long) LONG.get(bytes, position + 8 * n);
      int type = (int) (word >>> 60);
      if (type != DATA_DRIVEN && type != SEQUENTIAL) {
        break;
      }
      sequential += DATA_DRIVEN - type;
      int address = (int) (word >>> 44);
      int i = begin + n;
      int column = address >>> 8 & 0xFE | address >>> 2 & 1;
      int row = address >>> 1 & 0xFC | address & 3;
      batch.pixel[i] = HitBlock.pixel(column, row);
      batch.energy[i] = (int) (word >>> 20) & 0x3FF;
      batch.toa[i] = FINE_TICK * ((int) (word >>> 16) & 0xF);
      ticks[n] = (word & 0xFFFF) << 14 | word >>> 30 & 0x3FFF;
    }
    kinds[DATA_DRIVEN << 4] += n - sequential;
    kinds[SEQUENTIAL << 4] += sequential;
    return n;
  }

  /// Places the hits of a chip in the quad as tpx3awkward has it (decoding.py).
  private void place(HitBlock batch, int from, int to) {
    boolean turned = chip == 1 || chip == 2;
    int left = chip == 0 || chip == 1 ? SIDE : 0;
    for (int i = from; i < to; i++) {
      int column = left + (turned ? SIDE - 1 - batch.x(i) : batch.x(i));
      int row = turned ? 2 * SIDE - 1 - batch.y(i) : batch.y(i);
      batch.pixel[i] = HitBlock.pixel(column, row);
    }
  }

  private void tdc(long word, int edge) {
    if (edge != 0xF && edge != 0xA && edge != 0xE && edge != 0xB) {
      malformed("TDC packet of an unknown edge");
      return;
    }
    tally.valid++;
    int trigger = (int) (word >>> 44) & 0xFFF;
    long coarse = (word >>> 9) & 0x7FFFFFFFFL;
    int fine = (int) (word >>> 5) & 0xF;
    boolean fineValid = fine >= 1 && fine <= TDC_FINE_STEPS;
    double at = TDC_TICK * coarse + (fineValid ? TDC_TICK * (fine - 1) / TDC_FINE_STEPS : 0);
    boolean first = edge == 0xF || edge == 0xA;
    boolean rising = edge == 0xF || edge == 0xE;
    tdc.accept(new TdcEvent(chip, first ? 1 : 2, rising, trigger, at, fineValid));
  }

  private void global(long word, int top) {
    if (top == 0x44) {
      time.globalLow(chip, (word >>> 16) & 0xFFFFFFFFL);
      tally.valid++;
    } else if (top == 0x45 && time.globalHigh(chip, (word >>> 16) & 0xFFFF)) {
      tally.valid++;
    } else {
      malformed("global time whose two halves do not belong together");
    }
  }

  private void finish() {
    if (finished) {
      return;
    }
    finished = true;
    if (limit > position || chunkLeft > 0) {
      tally.malformed(
          limit > position ? "file cut inside a packet" : "file cut inside a chunk",
          file,
          "byte " + passed());
      position = limit;
    }
    for (int top = 0; top < kinds.length; top++) {
      if (kinds[top] > 0) {
        tally.packets(kind(top), kinds[top]);
      }
    }
    if (Arrays.stream(kinds, SEQUENTIAL << 4, DATA_DRIVEN << 4).sum() > 0) {
      tally.notice(
          "hits of sequential readout (packet 0xA): their time is extended by the time of the readout, not of the hit");
    }
  }

  private static String kind(int top) {
    return switch (top >>> 4) {
      case 0xA -> "pixel, sequential";
      case 0xB -> "pixel";
      case 0x6 -> "TDC 0x" + Integer.toHexString(top);
      case 0x4 -> "global time";
      case 0x5 -> top == 0x50 ? "packet id" : "SPIDR control 0x" + Integer.toHexString(top);
      case 0x7 -> "command 0x" + Integer.toHexString(top);
      default -> "unknown 0x" + Integer.toHexString(top);
    };
  }

  private void malformed(String reason) {
    tally.malformed(reason, file, "byte " + offset());
  }

  @Override
  public long segment() {
    return 0;
  }
}
