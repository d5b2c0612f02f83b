package org.pixelwake.report.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;

/// Numbers for scripts; those that are not finite become null.
public final class Json {
  private static final MathContext DIGITS = new MathContext(6);

  private Json() {}

  /// Writes a document.
  public interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  public static String text(Writer writer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("JSON in memory", e);
    }
    return text.toString();
  }

  public static void numbers(JsonGenerator json, String name, double[] values) throws IOException {
    json.writeArrayFieldStart(name);
    for (double value : values) {
      number(json, value);
    }
    json.writeEndArray();
  }

  public static void number(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(new BigDecimal(value).round(DIGITS));
    } else {
      json.writeNull();
    }
  }
}
