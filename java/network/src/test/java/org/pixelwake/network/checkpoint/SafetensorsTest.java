package org.pixelwake.network.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;

class SafetensorsTest {
  private static final Path GOLDEN =
      TorchFiles.resource("golden/autoencoder_tiny.golden.safetensors");

  @TempDir Path folder;

  @Test
  void readsTheGoldenFileAsPythonDoes() {
    TensorMap golden = Safetensors.read(GOLDEN);
    assertEquals(547, golden.size());
    assertEquals(
        List.of("input", "eval.features.0", "eval.features.1"),
        golden.names().stream().limit(3).toList());
    assertEquals(
        Map.of("torch", "1.13.0a0", "lr", "0.001", "weight_decay", "0.01", "seed", "7"),
        golden.metadata());
    assertArrayEquals(
        new float[] {0x1.ec298p0f, 0x1.853be8p-2f, 0x1.8f8a52p-1f, 0x1.862ab8p-1f},
        golden.floats("train.0.losses", 4));
    assertEquals(0xd8f8fb1aL, TorchFiles.digest(golden));
  }

  @Test
  void writtenAndReadAgainNothingChanges() throws IOException {
    TensorMap golden = Safetensors.read(GOLDEN);
    Path first = folder.resolve("first.safetensors");
    Path second = folder.resolve("second.safetensors");
    Safetensors.write(first, golden);
    TensorMap read = Safetensors.read(first);
    Safetensors.write(second, read);
    assertEquals(0xd8f8fb1aL, TorchFiles.digest(read));
    assertEquals(golden.metadata(), read.metadata());
    assertEquals(-1, Files.mismatch(first, second));
    long header =
        ByteBuffer.wrap(Files.readAllBytes(first)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertEquals(0, header % 8);
  }

  @Test
  void lazyTensorsAreAskedOnceAndInOrder() {
    Path file = folder.resolve("lazy.safetensors");
    MemorySegment reused = MemorySegment.ofArray(new byte[4]);
    List<TensorSource.Lazy> sources =
        Stream.of(1, 2, 3)
            .map(i ->
                new TensorSource.Lazy(
                    "t" + i,
                    Dtype.U8,
                    new long[] {2, 2},
                    () -> reused.fill((byte) (reused.get(ValueLayout.JAVA_BYTE, 0) + i))))
            .toList();
    Safetensors.write(file, sources, Map.of());
    TensorMap read = Safetensors.read(file);
    assertArrayEquals(new long[] {1, 1, 1, 1}, read.longs("t1", 2, 2));
    assertArrayEquals(new long[] {3, 3, 3, 3}, read.longs("t2", 2, 2));
    assertArrayEquals(new long[] {6, 6, 6, 6}, read.longs("t3", 2, 2));
    assertEquals(Map.of(), read.metadata());
  }

  @Test
  void aFailureKeepsTheOldFileAndLeavesNothingBehind() throws IOException {
    Path file = folder.resolve("kept.safetensors");
    Safetensors.write(file, List.of(NamedTensor.ofFloats("a", new float[] {1}, 1)), Map.of());
    byte[] before = Files.readAllBytes(file);
    List<TensorSource> failing =
        List.of(
            NamedTensor.ofFloats("a", new float[] {2}, 1),
            new TensorSource.Lazy(
                "b", Dtype.F32, new long[] {3}, () -> MemorySegment.ofArray(new byte[11])));
    assertThrows(IllegalArgumentException.class, () -> Safetensors.write(file, failing, Map.of()));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void anInterruptedThreadStillWrites() {
    Path file = folder.resolve("interrupted.safetensors");
    Thread.currentThread().interrupt();
    Safetensors.write(file, List.of(NamedTensor.ofFloats("a", new float[] {7}, 1)), Map.of());
    assertTrue(Thread.interrupted());
    assertArrayEquals(new float[] {7}, Safetensors.read(file).floats("a", 1));
  }

  @Test
  void targetsThatCannotBeWrittenAreNamed() {
    Path missing = folder.resolve("nowhere/file.safetensors");
    InputException e =
        assertThrows(InputException.class, () -> Safetensors.write(missing, List.of(), Map.of()));
    assertTrue(e.getMessage().contains("nowhere/file.safetensors"), e.getMessage());
    assertThrows(InputException.class, () -> Safetensors.write(folder, List.of(), Map.of()));
    assertTrue(Files.isDirectory(folder));
  }

  @Test
  void doubledAndReservedNamesAreNotWritten() {
    Path file = folder.resolve("never.safetensors");
    NamedTensor a = NamedTensor.ofFloats("a", new float[] {1}, 1);
    NamedTensor reserved = NamedTensor.ofFloats("__metadata__", new float[] {1}, 1);
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, List.of(a, a), Map.of()));
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, List.of(reserved), Map.of()));
    assertFalse(Files.exists(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,7]}} | 8 | 'a' | bytes of data",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 9 | | behind the last",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 7 | 'a' | ends at byte 8 of 7",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[1,9]}} | 9 | 'a' | hole",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],"
            + "'data_offsets':[3,7]}} | 7 | 'b' | overlaps",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],"
            + "'data_offsets':[5,9]}} | 9 | 'b' | hole",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],"
            + "'data_offsets':[1,2]}} | 2 | header | Duplicate",
        "{'a':{'dtype':'Q5','shape':[2],'data_offsets':[0,8]}} | 8 | 'a' | unknown dtype 'Q5'",
        "{'a':{'dtype':7,'shape':[2],'data_offsets':[0,8]}} | 8 | 'a' | not a string",
        "{'a':{'shape':[2],'data_offsets':[0,8]}} | 8 | 'a' | has no dtype",
        "{'a':{'dtype':'F32','data_offsets':[0,8]}} | 8 | 'a' | has no shape",
        "{'a':{'dtype':'F32','shape':[2]}} | 8 | 'a' | has no data_offsets",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | 8 | 'a' | shape is no list",
        "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}} | 8 | 'a' | shape is no list",
        "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}} | 8 | 'a' | shape is no list",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | 0 | 'a' | 0"
            + " bytes",
        "{'a':{'dtype':'F32','shape':[9223372036854775807,2],'data_offsets':[0,8]}} | 8 | 'a' | 8"
            + " bytes",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}} | 8 | header |"
            + " range",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | 8 | 'a' | impossible",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}} | 8 | 'a' | impossible",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}} | 8 | 'a' | unknown property",
        "{'a':[]} | 0 | 'a' | not described",
        "{'a':{'dtype':'F32' | 0 | header | JSON",
        "{} {} | 0 | header | goes on",
        "[] | 0 | header | begin with",
        "{'__metadata__':{'a':1}} | 0 | __metadata__ | no string under 'a'",
        "{'__metadata__':[]} | 0 | __metadata__ | not a JSON object",
        "{'\u00ff':{}} | 0 | header | UTF-8",
        "{} | 3 | | 3 bytes behind"
      })
  void everyViolationIsNamed(String header, int dataBytes, String place, String problem) {
    Path file = folder.resolve("bad.safetensors");
    TorchFiles.write(file, file(header.replace('\'', '"'), dataBytes));
    InputException e = assertThrows(InputException.class, () -> Safetensors.read(file));
    assertEquals(file.toString(), e.file());
    String expectedPlace = place == null ? "" : place;
    assertTrue(e.place().endsWith(expectedPlace), e.getMessage());
    assertTrue(e.getMessage().contains(problem), e.getMessage());
    assertFalse(e.remedy().isEmpty());
  }

  @Test
  void absurdHeaderLengthsAreRefused() {
    Path file = folder.resolve("length.safetensors");
    for (long length : new long[] {0, 1, 3, 100_000_001L, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
      byte[] bytes = file("{}", 0);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      TorchFiles.write(file, bytes);
      InputException e = assertThrows(InputException.class, () -> Safetensors.read(file));
      assertTrue(e.place().startsWith("header"), e.getMessage());
    }
  }

  @Test
  void unusualFilesThatAreValidAreRead() {
    Path file = folder.resolve("valid.safetensors");
    TorchFiles.write(file, file("{}", 0));
    assertEquals(0, Safetensors.read(file).size());
    String header =
        "{'z':{'dtype':'F32','shape':[],'data_offsets':[4,8]},"
            + "'e':{'data_offsets':[4,4],'dtype':'I64','shape':[0,9223372036854775807]},"
            + "'a':{'dtype':'U8','shape':[2,2],'data_offsets':[0,4]}}   ";
    TorchFiles.write(file, file(header.replace('\'', '"'), 8));
    TensorMap read = Safetensors.read(file);
    assertEquals(List.of("z", "e", "a"), List.copyOf(read.names()));
    assertArrayEquals(new long[] {0, 0, 0, 0}, read.longs("a", 2, 2));
    assertEquals(0, read.get("e").elements());
    assertEquals(1, read.floats("z").length);
  }

  @Test
  void everyTruncationIsRefused() {
    Path whole = folder.resolve("whole.safetensors");
    Safetensors.write(whole, small(), Map.of("key", "value"));
    byte[] bytes = bytesOf(whole);
    Path cut = folder.resolve("cut.safetensors");
    for (int length = 0; length < bytes.length; length++) {
      TorchFiles.write(cut, Arrays.copyOf(bytes, length));
      assertThrows(InputException.class, () -> Safetensors.read(cut), "length " + length);
    }
  }

  @Tag("slow")
  @Test
  void flippedBytesNeverDoMoreThanBeRefused() {
    Path whole = folder.resolve("whole.safetensors");
    Safetensors.write(whole, small(), Map.of("key", "value"));
    byte[] bytes = bytesOf(whole);
    Path file = folder.resolve("flipped.safetensors");
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] flipped = bytes.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        flipped[random.nextInt(flipped.length)] = (byte) random.nextInt(256);
      }
      TorchFiles.write(file, flipped);
      try (Arena arena = Arena.ofConfined()) {
        Safetensors.read(file, arena).tensors().forEach(NamedTensor::elements);
      } catch (InputException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000, refused + " of 3000 refused");
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    Path missing = folder.resolve("missing.safetensors");
    InputException e = assertThrows(InputException.class, () -> Safetensors.read(missing));
    assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
    e = assertThrows(InputException.class, () -> Safetensors.read(folder));
    assertTrue(e.getMessage().contains("is a directory"), e.getMessage());
  }

  private static List<TensorSource> small() {
    return List.of(
        NamedTensor.ofFloats("weights", new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
        NamedTensor.ofLongs("steps", new long[] {3}));
  }

  private static byte[] file(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(8 + text.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }

  private static byte[] bytesOf(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
