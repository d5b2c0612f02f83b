package org.pixelwake.network.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Files made byte by byte, and what the tests compare with PyTorch.
final class TorchFiles {
  private TorchFiles() {}

  static Path resource(String name) {
    URL url = Objects.requireNonNull(TorchFiles.class.getResource("/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// CRC-32 over "NAME DTYPE[SHAPE]\n" and data of all tensors in order; computed the same way with
  /// Python's zlib.crc32 over what torch.load and NumPy give.
  static long digest(TensorMap tensors) {
    CRC32 crc = new CRC32();
    for (NamedTensor t : tensors.tensors()) {
      String line = t.name() + " " + t.dtype() + Arrays.toString(t.shape()) + "\n";
      crc.update(line.getBytes(StandardCharsets.UTF_8));
      crc.update(t.data().toArray(ValueLayout.JAVA_BYTE));
    }
    return crc.getValue();
  }

  /// A stored zip as torch.save writes it, around a pickle and storages.
  static byte[] archive(byte[] pickle, byte[]... storages) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    for (int i = 0; i < storages.length; i++) {
      entries.put("archive/data/" + i, storages[i]);
    }
    entries.put("archive/version", latin("3\n"));
    return zip(entries, ZipEntry.STORED);
  }

  static byte[] zip(Map<String, byte[]> entries, int method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(e.getKey());
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
          CRC32 crc = new CRC32();
          crc.update(e.getValue());
          entry.setSize(e.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(e.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Path write(Path file, byte[] bytes) {
    try {
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Characters 0 to 255 as bytes.
  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /// BINUNICODE
  static String text(String value) {
    return "X" + (char) value.length() + "\0\0\0" + value;
  }

  /// The persistent identity of a storage; `type` as GLOBAL, such as `ctorch\nFloatStorage\n`.
  static String storage(String type, String key, int elements) {
    return "(" + text("storage") + type + text(key) + text("cpu") + "K" + (char) elements + "tQ";
  }

  /// `_rebuild_tensor_v2` over a storage; `shape` and `strides` as tuples, such as `K\2\u0085`.
  static String tensor(String storage, int offset, String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + "K"
        + (char) offset
        + shape
        + strides
        + "\u0089ccollections\nOrderedDict\n)RtR";
  }

  /// A state dictionary with `items`, alternately keys and values.
  static byte[] stateDict(String... items) {
    return latin("\u0080\2ccollections\nOrderedDict\n)R(" + String.join("", items) + "u.");
  }
}
