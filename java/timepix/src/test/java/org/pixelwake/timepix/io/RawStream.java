package org.pixelwake.timepix.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Builds raw `.tpx3` streams bit by bit.
final class RawStream {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static long pixel(int x, int y, int tot, long ticks, int fine) {
    long dcol = x / 2;
    long spix = y / 4;
    long pix = (x % 2) * 4L + y % 4;
    return 0xBL << 60
        | dcol << 53
        | spix << 47
        | pix << 44
        | (ticks & 0x3FFF) << 30
        | (long) tot << 20
        | (long) fine << 16
        | ((ticks >> 14) & 0xFFFF);
  }

  static long globalLow(long ticks) {
    return 0x44L << 56 | (ticks & 0xFFFFFFFFL) << 16;
  }

  static long globalHigh(long ticks) {
    return 0x45L << 56 | (ticks >> 32) << 16;
  }

  RawStream chunk(int chip, long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + 8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("TPX3".getBytes(StandardCharsets.US_ASCII)).put((byte) chip).put((byte) 0);
    bytes.putShort((short) (8 * words.length));
    for (long word : words) {
      bytes.putLong(word);
    }
    out.writeBytes(bytes.array());
    return this;
  }

  RawStream raw(byte... bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
