package org.pixelwake.network.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.base.InputException;

class TorchCheckpointTest {
  private static final String FLOATS = "ctorch\nFloatStorage\n";

  /// Shape or stride tuples: (2,) and (1,).
  private static final String TWO = "K\2\u0085";

  private static final String ONE = "K\1\u0085";

  @TempDir Path folder;

  @Test
  void readsTheGoldenFileAsTorchDoes() {
    TensorMap golden = TorchCheckpoint.read(TorchFiles.resource("golden/autoencoder_tiny.pth"));
    assertEquals(366, golden.size());
    assertEquals("features.0.0.weight", golden.names().getFirst());
    assertEquals("heads.bias", golden.names().getLast());
    float[] stem = golden.floats("features.0.0.weight", 8, 3, 3, 3);
    assertEquals(0x1.cfc31p-3f, stem[0]);
    assertEquals(-0x1.706a96p-5f, stem[stem.length - 1]);
    float[] bias = golden.floats("heads.bias", 5);
    assertEquals(-0x1.6b195ap-6f, bias[0]);
    assertEquals(-0x1.55e5f6p-7f, bias[4]);
    assertArrayEquals(new long[] {0}, golden.longs("features.0.1.num_batches_tracked"));
    assertEquals(
        229_891, golden.tensors().stream().mapToLong(NamedTensor::elements).sum(), "elements");
    assertEquals(0x6be7a6c5L, TorchFiles.digest(golden));
  }

  @Test
  void whatWasReadIsWrittenAsSafetensors() {
    TensorMap golden = TorchCheckpoint.read(TorchFiles.resource("golden/autoencoder_tiny.pth"));
    Path file = folder.resolve("converted.safetensors");
    Safetensors.write(file, golden);
    assertEquals(0x6be7a6c5L, TorchFiles.digest(Safetensors.read(file)));
  }

  /// torch/make_torch_forms.py writes the files: what it puts in is what is expected here.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "torch/torch_forms.pth",
        "torch/torch_forms_protocol4.pth",
        "torch/torch_zip64.pth"
      })
  void layoutsAreReadInElementOrder(String name) {
    TensorMap forms = TorchCheckpoint.read(TorchFiles.resource(name));
    float[] counting = new float[24];
    for (int i = 0; i < 24; i++) {
      counting[i] = i;
    }
    assertArrayEquals(counting, forms.floats("contiguous", 4, 6));
    float[] transposed = forms.floats("transposed", 6, 4);
    float[] permuted = forms.floats("permuted", 4, 2, 3);
    for (int i = 0; i < 24; i++) {
      assertEquals(i % 4 * 6 + i / 4, transposed[i]);
      assertEquals(i % 6 / 3 * 12 + i % 3 * 4 + i / 6, permuted[i]);
    }
    assertArrayEquals(
        new float[] {6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, forms.floats("rows", 2, 6));
    float[] odd = forms.floats("every_second", 12);
    float[] channelsLast = forms.floats("channels_last", 1, 2, 2, 4);
    for (int i = 0; i < 12; i++) {
      assertEquals(2 * i + 1, odd[i]);
      assertEquals(i, channelsLast[i]);
    }
    assertArrayEquals(new float[] {2, 3, 4, 2, 3, 4}, forms.floats("expanded", 2, 3));
    assertArrayEquals(new float[] {2.5f}, forms.floats("scalar"));
    assertArrayEquals(new float[0], forms.floats("empty", 0, 3));
    assertArrayEquals(new float[] {1, -2}, forms.floats("parameter", 2));
    assertEquals("3", forms.metadata().get("version"));
    assertEquals(19, forms.size());
  }

  @Test
  void typesAreReadExactly() {
    TensorMap forms = TorchCheckpoint.read(TorchFiles.resource("torch/torch_forms.pth"));
    assertEquals(Dtype.F64, forms.get("f64").dtype());
    assertArrayEquals(new float[] {0.1f, Float.NEGATIVE_INFINITY}, forms.floats("f64", 2));
    assertArrayEquals(new float[] {0.5f, -65504, 0x1p-24f}, forms.floats("f16", 3));
    assertArrayEquals(
        new float[] {1, -3, Float.intBitsToFloat(0x714a0000)}, forms.floats("bf16", 3));
    assertArrayEquals(new long[] {-(1L << 62), 7}, forms.longs("i64", 2));
    assertArrayEquals(new long[] {Integer.MIN_VALUE, 7}, forms.longs("i32", 2));
    assertArrayEquals(new long[] {-32768, 7}, forms.longs("i16", 2));
    assertArrayEquals(new long[] {-128, 7}, forms.longs("i8", 2));
    assertArrayEquals(new long[] {255, 7}, forms.longs("u8", 2));
    assertArrayEquals(new long[] {1, 0, 1}, forms.longs("bool", 3));
  }

  @Test
  void tensorsOfOneStorageShareMemory() {
    TensorMap forms = TorchCheckpoint.read(TorchFiles.resource("torch/torch_forms.pth"));
    MemorySegment whole = forms.get("contiguous").data();
    MemorySegment rows = forms.get("rows").data();
    assertEquals(whole.address() + 6 * 4, rows.address());
    assertTrue(rows.isReadOnly());
  }

  @Test
  void newerFormsAreRead() {
    String untyped = TorchFiles.storage("ctorch.storage\nUntypedStorage\n", "0", 8);
    String v3 =
        "ctorch._utils\n_rebuild_tensor_v3\n("
            + untyped
            + ("K\1" + TWO + ONE + "\u0089ccollections\nOrderedDict\n)R")
            + "ctorch\nuint16\ntR";
    byte[] pickle =
        TorchFiles.stateDict(
            TorchFiles.text("u16"),
            v3,
            TorchFiles.text("bytes"),
            TorchFiles.tensor(untyped, 0, TWO, ONE));
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("run.7/data.pkl", pickle);
    entries.put("run.7/.format_version", TorchFiles.latin("1"));
    entries.put("run.7/.storage_alignment", TorchFiles.latin("64"));
    entries.put("run.7/byteorder", TorchFiles.latin("little"));
    entries.put("run.7/data/0", new byte[] {1, 2, 3, (byte) 0x84, 5, 6, 7, 8});
    entries.put("run.7/version", TorchFiles.latin("3\n"));
    entries.put("run.7/.data/serialization_id", TorchFiles.latin("123"));
    Path file = folder.resolve("new.pth");
    TorchFiles.write(file, TorchFiles.zip(entries, ZipEntry.STORED));
    TensorMap read = TorchCheckpoint.read(file);
    assertEquals(Dtype.U16, read.get("u16").dtype());
    assertArrayEquals(new long[] {0x8403, 0x0605}, read.longs("u16", 2));
    assertArrayEquals(new long[] {1, 2}, read.longs("bytes", 2));

    entries.put("run.7/byteorder", TorchFiles.latin("big"));
    TorchFiles.write(file, TorchFiles.zip(entries, ZipEntry.STORED));
    assertRefused(file, "little-endian");
  }

  @Test
  void nestedStateDictionariesAreFound() {
    String tensor = TorchFiles.tensor(TorchFiles.storage(FLOATS, "0", 2), 0, TWO, ONE);
    String inner = "}(" + TorchFiles.text("w") + tensor + "u";
    byte[] pickle =
        TorchFiles.stateDict(
            TorchFiles.text("other"),
            inner,
            TorchFiles.text("model"),
            "}(" + TorchFiles.text("state_dict") + inner + "u");
    assertArrayEquals(new float[] {3, 4}, read(pickle).floats("w", 2));

    byte[] unusual =
        TorchFiles.stateDict(TorchFiles.text("ema"), inner, TorchFiles.text("n"), "K\1");
    assertArrayEquals(new float[] {3, 4}, read(unusual).floats("w", 2));

    Path two =
        archive(TorchFiles.stateDict(TorchFiles.text("a"), inner, TorchFiles.text("b"), inner));
    assertRefused(two, "no single dictionary of tensors under its keys (a, b)");
    assertRefused(archive(TorchFiles.stateDict()), "holds an empty dictionary");
    assertRefused(archive(TorchFiles.latin("\u0080\2" + tensor + ".")), "a single tensor");
    assertRefused(archive(TorchFiles.latin("\u0080\2].")), "no dictionary of tensors");
  }

  @Test
  void viewsBeyondTheirStorageAreRefused() {
    String storage = TorchFiles.storage(FLOATS, "0", 2);
    for (String view :
        List.of(
            TorchFiles.tensor(storage, 1, TWO, ONE),
            TorchFiles.tensor(storage, 0, "K\3\u0085", ONE),
            TorchFiles.tensor(storage, 0, TWO, TWO),
            TorchFiles.tensor(storage, 3, "K\1\u0085", ONE),
            TorchFiles.tensor(storage, 2, ")", ")"),
            TorchFiles.tensor(
                storage,
                0,
                TWO,
                "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177\u0085"))) {
      assertRefused(
          archive(TorchFiles.stateDict(TorchFiles.text("w"), view)), "reaches beyond its storage");
    }
    String huge = "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\177";
    assertRefused(
        archive(
            TorchFiles.stateDict(
                TorchFiles.text("w"),
                TorchFiles.tensor(storage, 0, huge + huge + "\u0086", "K\0K\0\u0086"))),
        "more than 2^63 elements");
    assertRefused(
        archive(
            TorchFiles.stateDict(
                TorchFiles.text("w"),
                TorchFiles.tensor(storage, 0, "J\0\0\0\177K\2\u0086", "K\0K\1\u0086"))),
        "expanded view far larger than the file");
    assertRefused(
        archive(
            TorchFiles.stateDict(
                TorchFiles.text("w"),
                TorchFiles.tensor(storage, 0, "J\u00ff\u00ff\u00ff\u00ff\u0085", ONE))),
        "malformed");
  }

  @Test
  void storagesMustHaveTheSizeOfTheirEntry() {
    for (int elements : new int[] {0, 1, 3, 200}) {
      String tensor = TorchFiles.tensor(TorchFiles.storage(FLOATS, "0", elements), 0, ")", ")");
      assertRefused(
          archive(TorchFiles.stateDict(TorchFiles.text("w"), tensor)),
          "archive/data/0: has 8 bytes");
    }
    String missing = TorchFiles.tensor(TorchFiles.storage(FLOATS, "5", 2), 0, TWO, ONE);
    assertRefused(
        archive(TorchFiles.stateDict(TorchFiles.text("w"), missing)), "archive/data/5: is missing");
  }

  @Test
  void otherKindsOfFilesAreRefusedWithAWayOut() {
    assertRefused(TorchFiles.resource("torch/torch_legacy.pth"), "PyTorch before 1.6");
    assertRefused(TorchFiles.resource("torch/torch_script.pt"), "TorchScript program");
    assertRefused(
        TorchFiles.resource("torch/torch_module.pth"), "'torch.nn.modules.linear.Linear'");
    assertRefused(TorchFiles.resource("golden/autoencoder_tiny.golden.safetensors"), "safetensors");
    assertRefused(TorchFiles.resource("torch/make_torch_forms.py"), "no torch.save file");
    assertRefused(folder, "is a directory");
    assertRefused(folder.resolve("missing.pth"), "does not exist");
    assertRefused(TorchFiles.write(folder.resolve("empty.pth"), new byte[0]), "is empty");
  }

  private TensorMap read(byte[] pickle) {
    return TorchCheckpoint.read(archive(pickle));
  }

  /// A file with `pickle` and one storage of the floats 3 and 4.
  private Path archive(byte[] pickle) {
    return TorchFiles.write(
        folder.resolve("made.pth"), TorchFiles.archive(pickle, TorchFiles.floats(3, 4)));
  }

  private static void assertRefused(Path file, String problem) {
    InputException e = assertThrows(InputException.class, () -> TorchCheckpoint.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }
}
