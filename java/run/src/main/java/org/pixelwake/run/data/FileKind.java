package org.pixelwake.run.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipFile;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.dataset.Shards;

/// What a file is, by its first bytes, and by its name only where a damaged file would tell
/// nothing.
public enum FileKind {
  /// Hits, frames or clusters of a detector, or whatever the readers of these say of it.
  DETECTOR,
  /// A Parquet data set: a file, a folder or a glob of them.
  DATASET,
  /// Weights.
  CHECKPOINT;

  private static final int SAFETENSORS_HEAD = 9;

  /// Returns the kind of a file that is read with these options: detector data where they force a
  /// format, else [#of(Path)].
  ///
  /// @throws InputException where the file cannot be read
  public static FileKind of(Path path, ClusterOptions options) {
    return options.open().format().isPresent() ? DETECTOR : of(path);
  }

  /// @throws InputException where the file cannot be read
  public static FileKind of(Path path) {
    if (!Files.isRegularFile(path)) {
      return Shards.isSharded(path) ? DATASET : DETECTOR;
    }
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors") || name.endsWith(".pth") || name.endsWith(".pt")) {
      return CHECKPOINT;
    }
    try {
      byte[] head = new byte[SAFETENSORS_HEAD];
      int length;
      try (InputStream in = Files.newInputStream(path)) {
        length = in.readNBytes(head, 0, head.length);
      }
      String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
      if (text.startsWith("PAR1") || name.endsWith(".parquet")) {
        return DATASET;
      }
      if (text.startsWith("PK") && torchArchive(path)) {
        return CHECKPOINT;
      }
      return length == SAFETENSORS_HEAD && safetensors(head, Files.size(path))
          ? CHECKPOINT
          : DETECTOR;
    } catch (IOException e) {
      throw InputException.unreadable(path, e);
    }
  }

  private static boolean torchArchive(Path path) {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.stream().anyMatch(entry -> entry.getName().endsWith("data.pkl"));
    } catch (IOException e) {
      // No whole zip: the readers of detector data say so.
      return false;
    }
  }

  private static boolean safetensors(byte[] head, long size) {
    long header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header > 0 && header <= size - Long.BYTES && head[SAFETENSORS_HEAD - 1] == '{';
  }
}
