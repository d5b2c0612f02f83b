package org.pixelwake.network.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// Checks a mapped safetensors file from end to end before anything is taken out of it.
final class SafetensorsReader {
  private static final String REMEDY =
      "The file is damaged, incomplete or no safetensors file; copy or write it again";
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MOST_DIMENSIONS = 16;

  private record Entry(String name, Dtype dtype, long[] shape, long begin, long end) {}

  private final String file;
  private final MemorySegment mapped;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  SafetensorsReader(String file, MemorySegment mapped) {
    this.file = file;
    this.mapped = mapped;
  }

  TensorMap read() {
    if (mapped.byteSize() < Long.BYTES) {
      throw refuse("", "is too short for a safetensors file: " + mapped.byteSize() + " bytes");
    }
    long length = mapped.get(LENGTH, 0);
    if (length < 2 || length > Safetensors.LONGEST_HEADER) {
      throw refuse("header", "has an impossible length: " + Long.toUnsignedString(length));
    }
    if (length > mapped.byteSize() - Long.BYTES) {
      throw refuse("header", "reaches beyond the end of the file");
    }
    byte[] header = mapped.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    if (header[0] != '{') {
      throw refuse("header", "does not begin with '{'");
    }
    parse(header);
    MemorySegment data = mapped.asSlice(Long.BYTES + length);
    checkRanges(data.byteSize());
    List<NamedTensor> tensors = new ArrayList<>(entries.size());
    for (Entry e : entries.values()) {
      tensors.add(
          new NamedTensor(e.name, e.dtype, e.shape, data.asSlice(e.begin, e.end - e.begin)));
    }
    return new TensorMap(file, tensors, metadata);
  }

  /// Ranges in the order of the data follow each other without overlap or hole, up to the end.
  private void checkRanges(long size) {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long reached = 0;
    for (Entry e : sorted) {
      if (e.begin != reached) {
        String problem =
            e.begin < reached ? "overlaps the tensor before it" : "leaves a hole before it";
        throw refuse(tensor(e.name), problem + ", byte " + e.begin + " of the data");
      }
      if (e.end > size) {
        throw refuse(tensor(e.name), "ends at byte " + e.end + " of " + size + " bytes of data");
      }
      reached = e.end;
    }
    if (reached != size) {
      throw refuse("", "has " + (size - reached) + " bytes behind the last tensor");
    }
  }

  private void parse(byte[] header) {
    // A strict UTF-8 reader, as Jackson would guess UTF-16 and UTF-32 from the first bytes.
    JsonFactory factory =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser json =
        factory.createParser(
            new InputStreamReader(
                new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (name.equals(Safetensors.METADATA)) {
          parseMetadata(json);
        } else {
          entries.put(name, parseEntry(json, name));
        }
      }
      if (json.nextToken() != null) {
        throw refuse("header", "goes on behind its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw malformed(e, e.getOriginalMessage());
    } catch (IOException e) {
      throw malformed(e, "not UTF-8");
    }
  }

  private void parseMetadata(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw refuse(Safetensors.METADATA, "is not a JSON object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw refuse(Safetensors.METADATA, "has no string under " + Printable.quoted(key));
      }
      metadata.put(key, json.getText());
    }
  }

  private Entry parseEntry(JsonParser json, String name) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw refuse(tensor(name), "is not described by a JSON object");
    }
    Dtype dtype = null;
    long[] shape = null;
    long[] range = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "dtype" -> dtype = parseDtype(json, name);
        case "shape" -> shape = parseNumbers(json, name, key);
        case "data_offsets" -> range = parseNumbers(json, name, key);
        default -> throw refuse(tensor(name), "has an unknown property " + Printable.quoted(key));
      }
    }
    return checked(name, dtype, shape, range);
  }

  private Entry checked(
      String name, @Nullable Dtype dtype, long @Nullable [] shape, long @Nullable [] range) {
    if (dtype == null || shape == null || range == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw refuse(tensor(name), "has no " + missing);
    }
    if (range.length != 2 || range[0] > range[1]) {
      throw refuse(tensor(name), "has impossible data_offsets " + Arrays.toString(range));
    }
    long bytes = Shapes.bytes(shape, dtype).orElse(-1);
    if (bytes != range[1] - range[0]) {
      throw refuse(
          tensor(name),
          "has " + (range[1] - range[0]) + " bytes of data for " + dtype + Arrays.toString(shape));
    }
    return new Entry(name, dtype, shape, range[0], range[1]);
  }

  private Dtype parseDtype(JsonParser json, String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw refuse(tensor(name), "has a dtype that is not a string");
    }
    String text = json.getText();
    return Dtype.named(text)
        .orElseThrow(() ->
            new InputException(
                file,
                tensor(name),
                "has the unknown dtype " + Printable.quoted(text),
                "Convert it to one of " + Arrays.toString(Dtype.values())));
  }

  private long[] parseNumbers(JsonParser json, String name, String key) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw refuse(tensor(name), key + " is no list");
    }
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
          || numbers.size() == MOST_DIMENSIONS
          || json.getLongValue() < 0) {
        throw refuse(tensor(name), key + " is no list of at most 16 sizes");
      }
      numbers.add(json.getLongValue());
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private InputException malformed(Exception cause, String what) {
    return new InputException(
        file, "header", "is not valid JSON (" + Printable.plain(what) + ")", REMEDY, cause);
  }

  private static String tensor(String name) {
    return "tensor " + Printable.quoted(name);
  }

  private InputException refuse(String place, String problem) {
    return new InputException(file, place, problem, REMEDY);
  }
}
