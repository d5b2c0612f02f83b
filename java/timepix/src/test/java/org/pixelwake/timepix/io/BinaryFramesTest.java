package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Fixtures;

/// Frames of raw numbers with their `.dsc` and `.idx`, against the same frames as text.
class BinaryFramesTest {
  private static final int SIDE = 256;

  @TempDir Path temp;

  /// Three frames of a few pixels, the second one empty: x, y, value.
  private static final int[][][] FRAMES = {
    {{0, 0, 7}, {1, 1, 300}, {255, 255, 12}}, {}, {{200, 3, 9}, {201, 3, 11810}}
  };

  private static ByteBuffer number(String type, double value) {
    ByteBuffer out = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case "i16", "u16" -> out.putShort((short) value);
      case "i32", "u32" -> out.putInt((int) (long) value);
      case "u64" -> out.putLong((long) value);
      default -> out.putDouble(value);
    }
    return out.flip();
  }

  private static ByteBuffer address(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).flip();
  }

  private static void put(ByteArrayOutputStream out, ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      out.write(bytes.get());
    }
  }

  private static byte[] frame(String type, String layout, int[][] pixels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (layout.equals("matrix")) {
      double[] values = new double[SIDE * SIDE];
      for (int[] pixel : pixels) {
        values[pixel[1] * SIDE + pixel[0]] = pixel[2];
      }
      for (double value : values) {
        put(out, number(type, value));
      }
      return out.toByteArray();
    }
    for (int[] pixel : pixels) {
      if (layout.equals("[X,Y,C]")) {
        put(out, address(pixel[0]));
        put(out, address(pixel[1]));
      } else {
        put(out, address(pixel[1] * SIDE + pixel[0]));
      }
      put(out, number(type, pixel[2]));
    }
    return out.toByteArray();
  }

  private static String description(String type, String layout, int frames) {
    StringBuilder text = new StringBuilder("B00000000" + frames + "\n");
    for (int i = 0; i < frames; i++) {
      text.append("[F").append(i).append("]\nType=").append(type).append(' ').append(layout);
      text.append(" width=256 height=256\n\"Acq time\" (\"\"):\ndouble[1]\n0,5\n\n");
    }
    return text.toString();
  }

  /// Writes all frames to one file with what belongs to it.
  private Path write(String name, String type, String layout) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    ByteBuffer index = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < FRAMES.length; i++) {
      if (i > 0) {
        index.putLong(53L * i).putLong(data.size()).putLong(0);
      }
      data.writeBytes(frame(type, layout, FRAMES[i]));
    }
    Fixtures.write(temp, name + ".dsc", description(type, layout, FRAMES.length));
    Fixtures.write(temp, name + ".idx", index.array());
    return Fixtures.write(temp, name, data.toByteArray());
  }

  private Fixtures.Read asText() {
    for (int i = 0; i < FRAMES.length; i++) {
      StringBuilder text = new StringBuilder();
      for (int[] pixel : FRAMES[i]) {
        text.append(pixel[0] + "\t" + pixel[1] + "\t" + pixel[2] + "\n");
      }
      Fixtures.write(temp, "text/" + i + ".txt", text.toString());
      Fixtures.write(
          temp, "text/" + i + ".txt.dsc", description("i16", "[X,Y,C]", 1).replace('B', 'A'));
    }
    return Fixtures.read(temp.resolve("text"));
  }

  @ParameterizedTest
  @CsvSource({
    "i16, matrix",
    "u16, matrix",
    "i32, matrix",
    "u32, matrix",
    "u64, matrix",
    "double, matrix",
    "i16, '[X,Y,C]'",
    "u32, '[X,Y,C]'",
    "double, '[X,Y,C]'",
    "i16, '[X,C]'",
    "u64, '[X,C]'"
  })
  void everyTypeAndLayout(String type, String layout) throws IOException {
    Fixtures.Read expected = asText();
    Path file = write("a.pbf", type, layout);
    Fixtures.Read read = Fixtures.read(file);
    assertEquals("pbf", read.info().format());
    assertEquals(Fixtures.texts(expected.clusters()), Fixtures.texts(read.clusters()));
    assertEquals(expected.report().read(), read.report().read());
    assertEquals(3, read.report().read().frames());
    assertEquals(1.5e9, read.report().read().exposure(), 1);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(temp.resolve("a.pbf.gz")))) {
      out.write(Files.readAllBytes(file));
    }
    assertEquals(
        Fixtures.texts(expected.clusters()),
        Fixtures.texts(Fixtures.read(temp.resolve("a.pbf.gz")).clusters()));
  }

  @Test
  void numbersWithAndWithoutSign() {
    byte[] data = frame("u16", "matrix", new int[][] {{5, 5, 40000}});
    Fixtures.write(temp, "u/u.pbf.dsc", description("u16", "matrix", 1));
    Fixtures.write(temp, "u/u.pbf", data);
    assertEquals(40000, Fixtures.read(temp.resolve("u")).clusters().get(0).energy()[0]);
    Fixtures.write(temp, "s/s.pbf.dsc", description("i16", "matrix", 1));
    Fixtures.write(temp, "s/s.pbf", data);
    var skipped = Fixtures.read(temp.resolve("s")).report().read().skipped();
    assertEquals("pixel without counts", skipped.get(0).reason());
    assertTrue(skipped.get(0).first().endsWith("byte " + 2 * (5 * SIDE + 5)), skipped.toString());
  }

  @Test
  void severalSparseFramesNeedTheirIndex() throws IOException {
    Path file = write("b.pbf", "i16", "[X,Y,C]");
    byte[] index = Files.readAllBytes(temp.resolve("b.pbf.idx"));
    byte[] odd = index.clone();
    odd[8] = 7;
    for (byte[] bad : List.of(Arrays.copyOf(index, 40), odd)) {
      Files.write(temp.resolve("b.pbf.idx"), bad);
      InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
      assertTrue(e.getMessage().contains("b.pbf.idx"), e.getMessage());
    }
    Files.delete(temp.resolve("b.pbf.idx"));
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
    assertTrue(e.getMessage().contains("where its frames begin"), e.getMessage());
  }

  @Test
  void cutAndWronglyDescribedData() throws IOException {
    Path file = write("c.pbf", "i32", "matrix");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 2));
    var skipped = Fixtures.read(file).report().read().skipped();
    assertEquals("frame cut after 65535 pixels", skipped.get(0).reason());
    Files.write(file, Arrays.copyOf(whole, 2 * whole.length / 3));
    assertTrue(
        Fixtures.read(file).report().read().skipped().get(0).reason().contains("have not"),
        "a frame fewer than described");
    Files.write(file, whole);
    for (String dsc :
        List.of(
            description("i24", "matrix", 3),
            description("i32", "matrix", 3).replaceFirst("i32", "i16"))) {
      Fixtures.write(temp, "c.pbf.dsc", dsc);
      InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
      assertTrue(e.getMessage().contains("c.pbf.dsc"), e.getMessage());
    }
    Files.delete(temp.resolve("c.pbf.dsc"));
    assertThrows(InputException.class, () -> Fixtures.read(file), "nothing tells what it is");
  }

  @Test
  void framesOfTimesAreNotTakenForEnergies() {
    Path file = write("d_ToA.pbf", "double", "matrix");
    String dsc = description("double", "matrix", 3);
    Fixtures.write(temp, "d_ToA.pbf.dsc", dsc + "\"Frame name\" (\"Frame name\"):\nchar[3]\nToA\n");
    assertEquals(3, Fixtures.read(file).report().read().frames(), "told of the last frame only");
    Fixtures.write(
        temp,
        "d_ToA.pbf.dsc",
        dsc.replace("[F1]", "\"Frame name\" (\"Frame name\"):\nchar[3]\nToA\n\n[F1]"));
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(file));
    assertTrue(e.getMessage().contains("times of arrival"), e.getMessage());
  }

  @Test
  void textFramesStackedInOneFile() {
    Fixtures.Read expected = asText();
    StringBuilder sparse = new StringBuilder();
    for (int[][] frame : FRAMES) {
      for (int[] pixel : frame) {
        sparse.append(pixel[0] + "\t" + pixel[1] + "\t" + pixel[2] + "\n");
      }
      sparse.append("#\n");
    }
    Path file = Fixtures.write(temp, "e.pmf", sparse.toString());
    Fixtures.write(
        temp, "e.pmf.dsc", description("i16", "[X,Y,C]", FRAMES.length).replace('B', 'A'));
    Fixtures.Read read = Fixtures.read(file);
    assertEquals("xyc", read.info().format());
    assertEquals(Fixtures.texts(expected.clusters()), Fixtures.texts(read.clusters()));
    assertEquals(1.5e9, read.report().read().exposure(), 1);
  }
}
