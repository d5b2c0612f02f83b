package org.pixelwake.timepix.simulation;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// A node of a YAML file that knows its line, for messages: a map, a list or a value.
final class YamlNode {
  private final String file;
  private final int line;
  private final @Nullable String text;
  private final @Nullable Map<String, YamlNode> map;
  private final @Nullable List<YamlNode> list;

  private YamlNode(
      String file,
      int line,
      @Nullable String text,
      @Nullable Map<String, YamlNode> map,
      @Nullable List<YamlNode> list) {
    this.file = file;
    this.line = line;
    this.text = text;
    this.map = map;
    this.list = list;
  }

  /// Reads a file.
  ///
  /// @param file its name in messages
  /// @throws InputException where it is not YAML, or empty
  static YamlNode read(String file, String content) {
    try (JsonParser parser = new YAMLFactory().createParser(content)) {
      if (parser.nextToken() == null) {
        throw new InputException(file, "is empty", "Copy a preset and change it");
      }
      return node(file, parser);
    } catch (JsonProcessingException e) {
      throw new InputException(
          file,
          e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr(),
          "is not YAML (" + e.getOriginalMessage().lines().findFirst().orElse("") + ")",
          "Correct it; a preset shows how it is written",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static YamlNode node(String file, JsonParser parser) throws IOException {
    int line = parser.currentTokenLocation().getLineNr();
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, YamlNode> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        int at = parser.currentTokenLocation().getLineNr();
        parser.nextToken();
        if (map.put(key, node(file, parser)) != null) {
          throw new InputException(
              file, "line " + at, key + " is there twice", "Leave one of them out");
        }
      }
      return new YamlNode(file, line, null, map, null);
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<YamlNode> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(node(file, parser));
      }
      return new YamlNode(file, line, null, null, list);
    }
    return new YamlNode(file, line, parser.getText(), null, null);
  }

  /// A complaint about this node.
  InputException wrong(String problem, String remedy) {
    return new InputException(file, "line " + line, problem, remedy);
  }

  /// Makes something of this node; what it is refused for becomes a complaint about it.
  <T> T make(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()), "Correct the value");
    }
  }

  /// The members of a map.
  Map<String, YamlNode> members() {
    if (map == null) {
      throw wrong("is no group of names and values", "Write a name, a colon and a value a line");
    }
    return map;
  }

  /// Refuses a map with other members than these.
  void only(Set<String> known) {
    for (Map.Entry<String, YamlNode> member : members().entrySet()) {
      if (!known.contains(member.getKey())) {
        throw member
            .getValue()
            .wrong(
                "'" + member.getKey() + "' is not known here",
                "Use of " + String.join(", ", new TreeSet<>(known)));
      }
    }
  }

  /// A member of a map, or null.
  @Nullable YamlNode get(String name) {
    return members().get(name);
  }

  /// A member of a map that must be there.
  YamlNode need(String name) {
    YamlNode node = get(name);
    if (node == null) {
      throw wrong("'" + name + "' is missing", "Add it");
    }
    return node;
  }

  /// The elements of a list.
  List<YamlNode> elements() {
    if (list == null) {
      throw wrong("is no list", "Write elements in [ ], or one a line after a dash");
    }
    return list;
  }

  /// Whether it is a value, neither map nor list.
  boolean isValue() {
    return text != null;
  }

  /// Its text.
  String text() {
    if (text == null) {
      throw wrong("is not a single value", "Write one value");
    }
    return text;
  }

  /// Its number.
  double number() {
    try {
      double value = Double.parseDouble(text());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The complaint is that of all that is no number.
    }
    throw wrong("'" + text() + "' is no number", "Write a number such as 12.5");
  }

  /// The number of a member, or another where it is not there.
  double number(String name, double otherwise) {
    YamlNode node = get(name);
    return node == null ? otherwise : node.number();
  }

  /// Rows of two numbers each, as two columns.
  double[][] columns() {
    List<YamlNode> rows = elements();
    double[][] columns = new double[2][rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      List<YamlNode> row = rows.get(i).elements();
      if (row.size() != 2) {
        throw rows.get(i).wrong("is no pair of numbers", "Write pairs such as [12.5, 3.1e4]");
      }
      columns[0][i] = row.get(0).number();
      columns[1][i] = row.get(1).number();
    }
    return columns;
  }
}
