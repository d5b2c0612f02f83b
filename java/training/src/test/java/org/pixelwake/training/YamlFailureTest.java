package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlFailureTest {
  record Inner(boolean yes, double number) {}

  record Outer(int count, String name, List<String> list, Inner inner) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          count: many           | line 1, key count: is many, not a whole number
          count: [1]            | line 1, key count: is not a whole number
          name: [1]             | line 1, key name: is not a text
          list: 3               | line 1, key list: is not a list
          inner: 3              | line 1, key inner: is not a block of keys and values
          inner: {yes: perhaps} | line 1, key inner.yes: is perhaps, not true or false
          inner: {number: x}    | line 1, key inner.number: is x, not a number
          cuont: 3              | line 1, key cuont: is not known here; known are count, inner, list, name
          just text             | line 1: is not a block of keys and values
          """)
  void namesKeyAndKind(String yaml, String expected) {
    assertEquals("file.yaml: " + expected + ". Look it up.", message(yaml));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          list: [1   | expected ',' or ']'
          'name: "a' | found unexpected end of stream
          """)
  void saysWhatIsNoYaml(String yaml, String part) {
    String message = message(yaml);
    assertEquals("file.yaml: line 1: is no valid YAML: ", message.substring(0, 37), message);
    assertEquals(true, message.contains(part), message);
    assertEquals(1, message.lines().count(), message);
  }

  private static String message(String yaml) {
    YAMLMapper mapper =
        YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    JsonProcessingException e =
        assertThrows(JsonProcessingException.class, () -> mapper.readValue(yaml, Outer.class));
    return String.valueOf(YamlFailure.of("file.yaml", e, "Look it up").getMessage());
  }
}
