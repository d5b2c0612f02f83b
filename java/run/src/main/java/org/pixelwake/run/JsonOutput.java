package org.pixelwake.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// Output for programs.
public final class JsonOutput {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonOutput() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /// Indented text.
  public static String text(JsonNode node) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }

  /// Writes indented text to a file.
  ///
  /// @throws InputException where it cannot be written
  public static void write(JsonNode node, Path file) {
    try {
      AtomicFile.write(file, text(node) + System.lineSeparator());
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }
}
