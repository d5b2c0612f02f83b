package org.pixelwake.network.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.base.InputException;

/// Files that want to run something, exhaust the memory or merely are damaged.
@Tag("slow")
class HostileCheckpointTest {
  private static final String ORDERED = "\u0080\2ccollections\nOrderedDict\n)R";

  @TempDir Path folder;

  static Stream<Arguments> pickles() {
    String touch = "touch MARKER";
    return Stream.of(
        Arguments.of("'os.system'", "cos\nsystem\n(S'" + touch + "'\ntR."),
        Arguments.of("'posix.system'", "\u0080\2cposix\nsystem\n" + binary(touch) + "\u0085R."),
        Arguments.of("'builtins.eval'", "\u0080\3cbuiltins\neval\n" + binary("1+1") + "\u0085R."),
        Arguments.of(
            "'builtins.exec'",
            "\u0080\4"
                + shortText("builtins")
                + shortText("exec")
                + "\u0093"
                + shortText(touch)
                + "\u0085R."),
        Arguments.of("'os.system'", "S'os'\nS'system'\n\u0093."),
        Arguments.of("'nt.system'", "\u0080\4Vnt\nVsystem\n\u0093."),
        Arguments.of(
            "'os.system'",
            "\u0080\4"
                + shortText("os")
                + "\u0094"
                + shortText("system")
                + "\u0094h\0h\1\u0093)R."),
        Arguments.of("'subprocess.Popen'", "(S'" + touch + "'\nisubprocess\nPopen\n."),
        Arguments.of("'collections.OrderedDict'", "(icollections\nOrderedDict\n."),
        Arguments.of("'os.system'", "(cos\nsystem\nS'" + touch + "'\no."),
        Arguments.of("0x6f ('o')", "(ccollections\nOrderedDict\no."),
        Arguments.of("EXT1 number 7", "\u0080\2\u0082\7)R."),
        Arguments.of("EXT2 number 263", "\u0080\2\u0083\7\1)R."),
        Arguments.of("EXT4 number 7", "\u0080\2\u0084\7\0\0\0)R."),
        Arguments.of("'os.system'", ORDERED + "(" + binary("w") + "]cos\nsystem\nau."),
        Arguments.of("'os.system'", ORDERED + "}" + binary("hook") + "cos\nsystem\nsb."),
        Arguments.of(
            "'builtins.getattr'",
            "\u0080\2ctorch._utils\n_rebuild_tensor_v2\ncbuiltins\ngetattr\n."),
        Arguments.of("'builtins.ValueError'", "\u0080\2cbuiltins\nValueError\n)R."),
        Arguments.of("'exceptions.Anything'", "\u0080\2cexceptions\nAnything\n)R."),
        Arguments.of("'decimal.Decimal'", "\u0080\2cdecimal\nDecimal\n" + binary("1") + "\u0085R."),
        Arguments.of("'datetime.datetime'", "\u0080\2cdatetime\ndatetime\n)R."),
        Arguments.of("'_codecs.encode'", "\u0080\2c_codecs\nencode\n."),
        Arguments.of("'copy_reg._reconstructor'", "\u0080\2ccopy_reg\n_reconstructor\n."),
        Arguments.of("'operator.attrgetter'", "\u0080\2coperator\nattrgetter\n."),
        Arguments.of("'array.array'", "\u0080\2carray\narray\n."),
        Arguments.of("'torch.load'", "\u0080\2ctorch\nload\n."),
        Arguments.of("'torch.hub.load'", "\u0080\2ctorch.hub\nload\n."),
        Arguments.of(
            "'torch._utils._rebuild_tensor_v2'",
            "\u0080\4" + shortText("torch") + shortText("_utils._rebuild_tensor_v2") + "\u0093."),
        Arguments.of("'a\\u001b[31mb.c\\u000d'", "ca\u001b[31mb\nc\r\n."),
        Arguments.of("0x81", "\u0080\2ccollections\nOrderedDict\n)\u0081."),
        Arguments.of("0x92", "\u0080\4ccollections\nOrderedDict\n)}\u0092."),
        Arguments.of("0x50 ('P')", "\u0080\2P../../etc/passwd\n."),
        Arguments.of("'../../etc/passwd'", persistent(binary("../../etc/passwd"))),
        Arguments.of("not a storage of a tensor", "\u0080\2" + binary("/etc/passwd") + "Q."),
        Arguments.of(
            "not a storage of a tensor",
            "\u0080\2(" + binary("storage") + binary("x") + binary("0") + binary("cpu") + "K\1tQ."),
        Arguments.of(
            "announces 9223372036854775807 bytes",
            "\u0080\4\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177a."),
        Arguments.of(
            "announces 18446744071562067967 bytes",
            "\u0080\4\u008d\u00ff\u00ff\u00ff\177\u00ff\u00ff\u00ff\u00ffa."),
        Arguments.of("announces 4294967295 bytes", "\u0080\2X\u00ff\u00ff\u00ff\u00ffa."),
        Arguments.of("announces 2147483647 bytes", "\u0080\2T\u00ff\u00ff\u00ff\177a."),
        Arguments.of("0x8e", "\u0080\4\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177a."),
        Arguments.of("0x8b", "\u0080\2\u008b\u00ff\u00ff\u00ff\177a."),
        Arguments.of("0x96", "\u0080\5\u0096\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177a."),
        Arguments.of("a dictionary key", "\u0080\2}]K\1s."),
        Arguments.of("malformed", "\u0080\2R."),
        Arguments.of("malformed", "\u0080\2h\7."),
        Arguments.of("malformed", "\u0080\2u."),
        Arguments.of("malformed", "\u0080\2K\1K\2b."),
        Arguments.of("malformed", "\u0080\2ccollections\nOrderedDict\nK\1R."),
        Arguments.of("malformed", "\u0080\u0009."));
  }

  @ParameterizedTest
  @MethodSource("pickles")
  void hostilePicklesAreRefusedByName(String offence, String pickle) throws IOException {
    Path marker = folder.resolve("marker");
    byte[] bytes = TorchFiles.latin(pickle.replace("MARKER", "marker"));
    Path file = TorchFiles.write(folder.resolve("hostile.pth"), TorchFiles.archive(bytes));
    InputException e = assertThrows(InputException.class, () -> TorchCheckpoint.read(file));
    assertTrue(e.getMessage().contains(offence), e.getMessage());
    assertTrue(e.place().startsWith("archive/data.pkl, byte "), e.getMessage());
    assertTrue(e.getMessage().codePoints().noneMatch(Character::isISOControl), e.getMessage());
    assertFalse(Files.exists(marker) || Files.exists(Path.of("marker")));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing was written");
    }
  }

  @Test
  void aPickleWithoutAnArchiveIsRefusedByNameToo() {
    for (String pickle :
        new String[] {
          "cos\nsystem\n(S'touch marker'\ntR.",
          "\u0080\4\u0095\u001d\0\0\0\0\0\0\0" + shortText("os") + shortText("system") + "\u0093.",
          "(S'touch marker'\nios\nsystem\n."
        }) {
      Path file = TorchFiles.write(folder.resolve("bare.pth"), TorchFiles.latin(pickle));
      InputException e = assertThrows(InputException.class, () -> TorchCheckpoint.read(file));
      assertTrue(e.getMessage().contains("'os.system'"), e.getMessage());
    }
  }

  @Test
  void containersThatShareThemselvesEndTheSearch() {
    // Each level holds the one before it under nine keys: 9^40 paths, 40 dictionaries.
    String[] keys = {
      "state_dict",
      "model_state_dict",
      "model_state",
      "model",
      "net",
      "network",
      "module",
      "weights",
      "params"
    };
    StringBuilder pickle = new StringBuilder("\u0080\2}q\0");
    for (int level = 1; level <= 40; level++) {
      pickle.append("}q").append((char) level);
      for (String key : keys) {
        pickle.append(binary(key)).append('h').append((char) (level - 1)).append('s');
      }
    }
    assertRefused(TorchFiles.latin(pickle + "."), "no single dictionary");
    assertRefused(TorchFiles.latin("\u0080\2}q\0" + binary("model") + "h\0s."), "no single");
    assertRefused(TorchFiles.latin("\u0080\2]q\0h\0a."), "no dictionary");
  }

  @Test
  void thePickleItselfIsBounded() {
    byte[] many = new byte[2_100_000];
    Arrays.fill(many, (byte) '}');
    assertRefused(many, "more than 2000000 opcodes");
    assertRefused(new byte[TensorUnpickler.LARGEST_PICKLE + 1], "at most 33554432 are read");
  }

  @Test
  void namesThatPointOutsideAreRefused() {
    for (String name :
        new String[] {
          "archive/../../evil", "/etc/passwd", "..", "archive\\..\\evil", "C:/evil", "other/data"
        }) {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      entries.put("archive/data.pkl", TorchFiles.stateDict());
      entries.put(name, new byte[1]);
      Path file =
          TorchFiles.write(folder.resolve("names.pth"), TorchFiles.zip(entries, ZipEntry.STORED));
      InputException e = assertThrows(InputException.class, () -> TorchCheckpoint.read(file));
      assertEquals(Printable.plain(name), e.place(), e.getMessage());
      assertTrue(e.getMessage().contains("outside"), e.getMessage());
    }
  }

  @Test
  void archivesOfAnotherMakeAreRefused() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", TorchFiles.stateDict());
    Path file = folder.resolve("other.pth");
    TorchFiles.write(file, TorchFiles.zip(entries, ZipEntry.DEFLATED));
    assertMessage(file, "is compressed");
    entries.put("second/data.pkl", TorchFiles.stateDict());
    TorchFiles.write(file, TorchFiles.zip(entries, ZipEntry.STORED));
    assertMessage(file, "2 entries called NAME/data.pkl");
    TorchFiles.write(file, TorchFiles.zip(Map.of("a.txt", new byte[3]), ZipEntry.STORED));
    assertMessage(file, "0 entries called NAME/data.pkl");
    TorchFiles.write(
        file,
        TorchFiles.zip(
            Map.of("a/data.pkl", TorchFiles.stateDict(), "a/version", TorchFiles.latin("99\n")),
            ZipEntry.STORED));
    assertMessage(file, "versions 1 to 10");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(TorchFiles.resource("torch/torch_forms.pth"));
    Path cut = folder.resolve("cut.pth");
    for (int length = 0; length < bytes.length; length++) {
      TorchFiles.write(cut, Arrays.copyOf(bytes, length));
      assertThrows(InputException.class, () -> TorchCheckpoint.read(cut), "length " + length);
    }
  }

  @Test
  void everyTruncatedPickleIsRefused() throws IOException {
    byte[] pickle = pickleOf(TorchFiles.resource("torch/torch_forms_protocol4.pth"));
    Path cut = folder.resolve("cut.pth");
    for (int length = 0; length < pickle.length; length++) {
      TorchFiles.write(cut, TorchFiles.archive(Arrays.copyOf(pickle, length)));
      assertThrows(InputException.class, () -> TorchCheckpoint.read(cut), "length " + length);
    }
  }

  @Test
  void flippedBytesOfTheArchiveNeverDoMoreThanBeRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(TorchFiles.resource("torch/torch_forms.pth"));
    assertTrue(refusedOf(3000, 2, bytes, flipped -> flipped) > 1000);
  }

  /// Behind a checksum that fits, so that the unpickler itself meets them.
  @Test
  void flippedBytesOfThePickleNeverDoMoreThanBeRefused() throws IOException {
    for (String name : new String[] {"torch/torch_forms.pth", "torch/torch_forms_protocol4.pth"}) {
      byte[] pickle = pickleOf(TorchFiles.resource(name));
      byte[] storage = new byte[96];
      assertTrue(
          refusedOf(3000, 3, pickle, flipped -> TorchFiles.archive(flipped, storage)) > 1000);
    }
  }

  @FunctionalInterface
  private interface Packing {
    byte[] pack(byte[] flipped);
  }

  private int refusedOf(int rounds, long seed, byte[] bytes, Packing packing) {
    Path file = folder.resolve("flipped.pth");
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < rounds; i++) {
      byte[] flipped = bytes.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        flipped[random.nextInt(flipped.length)] = (byte) random.nextInt(256);
      }
      TorchFiles.write(file, packing.pack(flipped));
      try (Arena arena = Arena.ofConfined()) {
        TorchCheckpoint.read(file, arena).tensors().forEach(NamedTensor::elements);
      } catch (InputException e) {
        assertFalse(e.remedy().isEmpty());
        refused++;
      }
    }
    return refused;
  }

  private static byte[] pickleOf(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry =
          zip.stream().filter(e -> e.getName().endsWith("/data.pkl")).findFirst().orElseThrow();
      return zip.getInputStream(entry).readAllBytes();
    }
  }

  private void assertRefused(byte[] pickle, String problem) {
    assertMessage(
        TorchFiles.write(folder.resolve("made.pth"), TorchFiles.archive(pickle)), problem);
  }

  private static void assertMessage(Path file, String problem) {
    InputException e = assertThrows(InputException.class, () -> TorchCheckpoint.read(file));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  private static String binary(String text) {
    return TorchFiles.text(text);
  }

  private static String shortText(String text) {
    return "\u008c" + (char) text.length() + text;
  }

  private static String persistent(String key) {
    return "\u0080\2("
        + binary("storage")
        + "ctorch\nFloatStorage\n"
        + key
        + binary("cpu")
        + "K\1tQ.";
  }
}
