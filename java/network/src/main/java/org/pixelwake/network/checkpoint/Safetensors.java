package org.pixelwake.network.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// The safetensors format: a 64-bit little-endian header length, a JSON header with type, shape and
/// byte range of every tensor, then the data without holes.
///
/// What is written reads in Python with `safetensors.torch.load_file`.
public final class Safetensors {
  /// Longest header that the format allows, in bytes.
  static final long LONGEST_HEADER = 100_000_000;

  /// Key of the header that holds strings, and so can name no tensor.
  static final String METADATA = "__metadata__";

  private static final int COPY_BYTES = 1 << 20;

  private Safetensors() {}

  /// As [#read(Path, Arena)], mapped until the garbage collector finds no tensor in use.
  public static TensorMap read(Path file) {
    return read(file, Arena.ofAuto());
  }

  /// Maps a file, after checking all of its header against the size of the file.
  ///
  /// @param arena how long the mapping lives; the tensors are views into it
  /// @return tensors in the order of the header; an [InputException] for any deviation from the
  ///   format: header length, JSON, doubled names, unknown types, shapes that do not fit their byte
  ///   range, ranges that overlap or leave holes, bytes that belong to no tensor
  public static TensorMap read(Path file, Arena arena) {
    MemorySegment mapped = InputFiles.map(file, arena);
    return new SafetensorsReader(file.toString(), mapped).read();
  }

  /// Writes tensors and metadata of `tensors`, see [#write(Path, Collection, Map)].
  public static void write(Path file, TensorMap tensors) {
    write(file, tensors.tensors(), tensors.metadata());
  }

  /// Writes a file at once: under a temporary name beside it, forced to the disk, then renamed.
  ///
  /// The data of each tensor is asked for when its turn comes and streamed out, so that no second
  /// copy of a checkpoint is held. A failure leaves an existing file as it was.
  ///
  /// @param file target; an [InputException] where it cannot be written
  /// @param tensors in the order in which they are written. A doubled or reserved name, and data of
  ///   another size than announced, are an [IllegalArgumentException]
  /// @param metadata strings for `__metadata__`, left out where empty
  public static void write(
      Path file, Collection<? extends TensorSource> tensors, Map<String, String> metadata) {
    List<TensorSource> sources = new ArrayList<>(tensors);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new InputException(file, "its folder does not exist", "Make it first");
    }
    try {
      byte[] header = header(sources, metadata);
      if (header.length > LONGEST_HEADER) {
        throw new IllegalArgumentException(file + ": header of " + header.length + " bytes");
      }
      AtomicFile.write(
          file,
          out -> {
            out.write(
                ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            byte[] buffer = new byte[COPY_BYTES];
            for (TensorSource tensor : sources) {
              copy(tensor, out, buffer);
            }
          });
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  private static byte[] header(List<TensorSource> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Set<String> names = new HashSet<>();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (TensorSource tensor : tensors) {
        if (tensor.name().isEmpty()
            || tensor.name().equals(METADATA)
            || !names.add(tensor.name())) {
          throw new IllegalArgumentException("doubled or reserved name: " + tensor.name());
        }
        long end = Math.addExact(offset, sizeOf(tensor));
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    // Spaces up to a multiple of 8, so that the data behind it is aligned when the file is mapped.
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static long sizeOf(TensorSource tensor) {
    return Shapes.bytes(tensor.shape(), tensor.dtype())
        .orElseThrow(() -> new IllegalArgumentException(tensor.name() + ": impossible shape"));
  }

  private static void copy(TensorSource tensor, OutputStream out, byte[] buffer)
      throws IOException {
    MemorySegment data = tensor.data();
    if (data.byteSize() != sizeOf(tensor)) {
      throw new IllegalArgumentException(
          tensor.name() + ": " + data.byteSize() + " bytes instead of " + sizeOf(tensor));
    }
    for (long done = 0; done < data.byteSize(); ) {
      int part = (int) Math.min(buffer.length, data.byteSize() - done);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, done, buffer, 0, part);
      out.write(buffer, 0, part);
      done += part;
    }
  }
}
