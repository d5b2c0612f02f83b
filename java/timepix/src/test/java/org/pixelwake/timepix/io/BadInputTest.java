package org.pixelwake.timepix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Fixtures;

/// Whatever a file holds: a clear error, or hits and a count of what was skipped. Nothing else is
/// thrown.
class BadInputTest {
  @TempDir Path temp;

  private static InputException refused(Path path) {
    InputException e = assertThrows(InputException.class, () -> Fixtures.read(path));
    assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    return e;
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// Reads it as every format; counts how often it was refused.
  private static int readAsEverything(Path path) {
    int refused = 0;
    for (Format format : Format.values()) {
      try {
        Fixtures.read(path, OpenOptions.defaults().withFormat(format));
      } catch (InputException e) {
        assertTrue(e.getMessage().length() > 20, e.getMessage());
        refused++;
      }
    }
    return refused;
  }

  @Test
  void pathsThatAreNoData() throws IOException {
    assertTrue(refused(temp.resolve("absent.t3pa")).getMessage().contains("does not exist"));
    assertTrue(
        refused(Files.createDirectories(temp.resolve("e"))).getMessage().contains("no file"));
    assertTrue(refused(Fixtures.write(temp, "empty.t3pa", "")).getMessage().contains("is empty"));
    refused(Fixtures.write(temp, "blank.txt", " \n\n"));
    refused(Fixtures.write(temp, "prose.txt", "It was a dark and stormy night.\n"));
    Fixtures.write(temp, "d/readme.md", "nothing here");
    refused(temp.resolve("d"));
  }

  @Test
  void binaryCalledText() {
    Path file = Fixtures.write(temp, "frame.txt", random(5000, 1));
    assertTrue(refused(file).getMessage().contains("binary"));
    assertEquals(Format.values().length, readAsEverything(file));
  }

  @Test
  void rootFilesAreRefusedWithARemedy() {
    byte[] head = random(4000, 3);
    byte[] magic = {'r', 'o', 'o', 't', 0, 0, (byte) 0xF3, 0x78};
    System.arraycopy(magic, 0, head, 0, magic.length);
    Path file = Fixtures.write(temp, "trees/proton.root", head);
    Path folder = temp.resolve("trees");
    for (Path path : List.of(file, folder)) {
      String message = refused(path).getMessage();
      assertTrue(message.contains("ROOT") && message.contains("uproot"), message);
      assertTrue(message.contains("_sim.txt"), message);
    }
    Fixtures.write(temp, "trees/a.txt", "1\t2\t3\n");
    var skipped = Fixtures.read(folder).report().read().skipped();
    assertTrue(skipped.get(0).first().endsWith("proton.root"), "beside data it is passed");
    Fixtures.write(temp, "words.txt", "rooted\n");
    assertTrue(!refused(temp.resolve("words.txt")).getMessage().contains("ROOT"));
  }

  @Test
  void tenMegabytesOfRandomBytes() {
    Path file = Fixtures.write(temp, "noise.tpx3", random(10 << 20, 2));
    refused(file);
    assertEquals(Format.values().length, readAsEverything(file));
  }

  @Test
  void damagedArchives() throws IOException {
    Path zip = Fixtures.zip(Fixtures.path("mm"), temp.resolve("a.zip"));
    byte[] whole = Files.readAllBytes(zip);
    refused(Fixtures.write(temp, "cut.zip", Arrays.copyOf(whole, whole.length / 2)));
    refused(Fixtures.write(temp, "head.zip", Arrays.copyOf(whole, 4)));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    StringBuilder text = new StringBuilder("Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n");
    Random random = new Random(5);
    for (int i = 0; i < 20000; i++) {
      text.append(i + "\t" + random.nextInt(65536) + "\t" + i * 1000L + "\t5\t0\t0\n");
    }
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    byte[] gzip = packed.toByteArray();
    Path cut = Fixtures.write(temp, "cut.t3pa.gz", Arrays.copyOf(gzip, gzip.length / 2));
    var report = Fixtures.read(cut).report().read();
    assertTrue(report.hits() > 5000, report.toString());
    assertTrue(report.skipped().get(0).reason().contains("compressed"), report.toString());
    refused(Fixtures.write(temp, "bad.gz", new byte[] {0x1f, (byte) 0x8b, 1, 2, 3}));
  }

  @Tag("slow")
  @Test
  void fixturesCutAndDamagedAtEveryTurn() throws IOException {
    Random random = new Random(11);
    List<Path> files = new ArrayList<>();
    for (String folder : List.of("xyc", "clog", "t3pa", "mm", "burda", "matrix")) {
      try (var list = Files.list(Fixtures.path(folder))) {
        files.addAll(list.sorted().toList());
      }
    }
    byte[] raw =
        new RawStream()
            .chunk(
                0, RawStream.pixel(1, 1, 5, 1, 0), RawStream.globalLow(4), RawStream.globalHigh(4))
            .chunk(1, RawStream.pixel(1, 2, 5, 1, 0), 0x6F00000000000000L)
            .bytes();
    files.add(Fixtures.write(temp, "raw.tpx3", raw));
    int read = 0;
    int refused = 0;
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < 60; i++) {
        byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
        for (int k = 0; k < i % 4 && bytes.length > 0; k++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        Path damaged = Fixtures.write(temp, "damaged/" + file.getFileName(), bytes);
        try {
          Fixtures.read(damaged);
          read++;
        } catch (InputException e) {
          refused++;
        }
        readAsEverything(damaged);
        Files.delete(damaged);
      }
    }
    assertTrue(read > 100 && refused > 100, read + " read, " + refused + " refused");
  }

  @Test
  void numbersThatNoTypeHolds() {
    String huge = "9".repeat(400);
    Path file =
        Fixtures.write(
            temp,
            "huge.t3pa",
            "Index\tMatrix Index\tToA\tToT\tFToA\tOverflow\n0\t1\t10\t5\t0\t0\n1\t"
                + huge
                + "\t10\t5\t0\t0\n");
    assertEquals(1, Fixtures.read(file).report().read().hits());
    readAsEverything(Fixtures.write(temp, "long.txt", "1 ".repeat(200_000)));
    readAsEverything(Fixtures.write(temp, "one.txt", huge.repeat(500)));
    readAsEverything(
        Fixtures.write(temp, "open.clog", "Frame 1 (0, 0 s)\n" + "[1, 2, ".repeat(9000)));
  }
}
