package org.pixelwake.report.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// JSON for scripts, out of maps, iterables, arrays, strings and numbers. Fractional numbers have
/// six significant digits; those that are not finite become null.
public final class Json {
  private static final MathContext DIGITS = new MathContext(6);

  private Json() {}

  /// An object with these members, in their order.
  ///
  /// @param members name, value, name, value
  public static Map<String, Object> object(Object... members) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      object.put((String) members[i], members[i + 1]);
    }
    return object;
  }

  /// The document of a value.
  public static String text(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      write(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException("JSON in memory", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case Map<?, ?> object -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> member : object.entrySet()) {
          json.writeFieldName(String.valueOf(member.getKey()));
          write(json, member.getValue());
        }
        json.writeEndObject();
      }
      case Iterable<?> list -> {
        json.writeStartArray();
        for (Object element : list) {
          write(json, element);
        }
        json.writeEndArray();
      }
      case double[] numbers -> write(json, Arrays.stream(numbers).boxed().toList());
      case long[] numbers -> json.writeArray(numbers, 0, numbers.length);
      case int[] numbers -> json.writeArray(numbers, 0, numbers.length);
      case Double number when !Double.isFinite(number) -> json.writeNull();
      case Double number -> json.writeNumber(new BigDecimal(number).round(DIGITS));
      default -> json.writeObject(value);
    }
  }
}
