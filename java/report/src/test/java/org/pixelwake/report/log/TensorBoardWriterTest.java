package org.pixelwake.report.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;

/// Decodes the files with a reader of its own: no protobuf library, and a CRC computed bit by bit.
class TensorBoardWriterTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000L, 500_000_000), ZoneOffset.UTC);

  @TempDir private Path directory;

  @Test
  void crcOfTheTestIsTheCastagnoliOne() {
    byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(0xe3069283, crc32c(check), "check value of the CRC catalogue");
  }

  @Test
  void scalarsAndImagesComeBack() throws IOException {
    FloatImage image = FloatImage.of(3, 2, new float[] {0, 0.2f, 0.4f, 0.6f, 0.8f, 1});
    Path file;
    try (TensorBoardWriter writer = TensorBoardWriter.open(directory, CLOCK, "host")) {
      writer.scalar("loss/train", 0.25, 7);
      writer.image("track", image, ColorMap.VIRIDIS, 0, 1, 1L << 33);
      writer.scalar("größe", Double.NaN, 0);
      file = writer.file();
    }
    assertEquals("events.out.tfevents.1700000000.host.0", file.getFileName().toString());
    List<Map<Integer, Object>> events = read(file);
    assertEquals(4, events.size());
    assertEquals(1_700_000_000.5, Double.longBitsToDouble((Long) events.get(0).get(1)));
    assertEquals("brain.Event:2", text(events.get(0).get(3)));

    assertEquals(7L, events.get(1).get(2));
    Map<Integer, Object> scalar = value(events.get(1));
    assertEquals("loss/train", text(scalar.get(1)));
    assertEquals(0.25f, Float.intBitsToFloat((Integer) scalar.get(2)));

    assertEquals(1L << 33, events.get(2).get(2));
    Map<Integer, Object> picture = message(value(events.get(2)).get(4));
    assertEquals(2L, picture.get(1), "height");
    assertEquals(3L, picture.get(2), "width");
    assertEquals(3L, picture.get(3), "RGB");
    assertArrayEquals(PngWriter.encode(image, ColorMap.VIRIDIS, 0, 1), (byte[]) picture.get(4));

    assertEquals("größe", text(value(events.get(3)).get(1)));
    assertEquals(Float.NaN, Float.intBitsToFloat((Integer) value(events.get(3)).get(2)));
  }

  @Test
  void resumeWritesANewFileThatCutsTheOldCurves() throws IOException {
    Path first;
    try (TensorBoardWriter writer = TensorBoardWriter.open(directory, CLOCK, "host")) {
      writer.scalar("loss", 1, 5);
      first = writer.file();
    }
    byte[] before = Files.readAllBytes(first);
    try (TensorBoardWriter writer = TensorBoardWriter.resume(directory, 4, CLOCK, "host")) {
      assertNotEquals(first, writer.file());
      List<Map<Integer, Object>> events = read(writer.file());
      assertEquals(5L, events.get(1).get(2), "first step to be replaced");
      assertEquals(Map.of(1, 1L), message(events.get(1).get(7)), "SessionLog START");
    }
    assertArrayEquals(before, Files.readAllBytes(first));
  }

  @Test
  void flushMakesPointsVisible() throws IOException {
    try (TensorBoardWriter writer = TensorBoardWriter.open(directory)) {
      writer.scalar("loss", 1, 1);
      writer.flush();
      assertEquals(2, read(writer.file()).size());
    }
  }

  private static Map<Integer, Object> value(Map<Integer, Object> event) {
    return message(message(event.get(5)).get(1));
  }

  private static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  private static List<Map<Integer, Object>> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<Integer, Object>> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] header = new byte[8];
      in.get(header);
      assertEquals(masked(header), in.getInt(), "CRC of the length");
      int length =
          Math.toIntExact(ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong());
      byte[] data = new byte[length];
      in.get(data);
      assertEquals(masked(data), in.getInt(), "CRC of the message");
      events.add(message(data));
    }
    return events;
  }

  /// Fields by number: varints and 64-bit values as Long, 32-bit values as Integer, the rest as
  /// bytes.
  private static Map<Integer, Object> message(Object bytes) {
    ByteBuffer in = ByteBuffer.wrap((byte[]) bytes).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, Object> fields = new TreeMap<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] content = new byte[Math.toIntExact(varint(in))];
              in.get(content);
              yield content;
            }
            case 5 -> in.getInt();
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      fields.put((int) (key >>> 3), value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static int masked(byte[] bytes) {
    int crc = crc32c(bytes);
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  private static int crc32c(byte[] bytes) {
    int crc = ~0;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
      }
    }
    return ~crc;
  }
}
