package org.pixelwake.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

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
    return node.toPrettyString();
  }

  /// Writes indented text to a file.
  ///
  /// @throws org.pixelwake.base.InputException where it cannot be written
  public static void write(JsonNode node, Path file) {
    RunFolders.write(file, text(node) + System.lineSeparator());
  }
}
