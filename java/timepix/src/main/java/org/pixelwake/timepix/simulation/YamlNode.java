package org.pixelwake.timepix.simulation;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// A node of a YAML file: what is wrong with it is said with the line where it begins.
///
/// @param file name of the file in messages
/// @param folder that paths in it are relative to; null for the working directory
/// @param node the node
record YamlNode(String file, @Nullable Path folder, Node node) {
  /// Reads a file.
  ///
  /// @throws InputException where it is not YAML, or empty
  static YamlNode read(String file, @Nullable Path folder, String content) {
    try {
      Node root = new Yaml().compose(new StringReader(content));
      if (root == null) {
        throw new InputException(file, "is empty", "Copy a preset and change it");
      }
      return new YamlNode(file, folder, root);
    } catch (YAMLException e) {
      MarkedYAMLException marked = e instanceof MarkedYAMLException m ? m : null;
      String problem = String.valueOf(marked == null ? e.getMessage() : marked.getProblem());
      throw new InputException(
          file,
          marked == null ? "" : place(marked.getProblemMark()),
          "is not YAML (" + problem.lines().findFirst().orElse("") + ")",
          "Correct it; a preset shows how it is written",
          e);
    }
  }

  private static String place(@Nullable Mark mark) {
    return mark == null ? "" : "line " + (mark.getLine() + 1);
  }

  /// A complaint about this node.
  InputException wrong(String problem, String remedy) {
    return new InputException(file, place(node.getStartMark()), problem, remedy);
  }

  /// Makes something of this node; what it is refused for becomes a complaint about it.
  <T> T make(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()), "Correct the value");
    }
  }

  private YamlNode of(Node part) {
    return new YamlNode(file, folder, part);
  }

  /// The members of a map.
  Map<String, YamlNode> members() {
    if (!(node instanceof MappingNode map)) {
      throw wrong("is no group of names and values", "Write a name, a colon and a value a line");
    }
    Map<String, YamlNode> members = new LinkedHashMap<>();
    for (NodeTuple member : map.getValue()) {
      YamlNode key = of(member.getKeyNode());
      if (members.put(key.text(), of(member.getValueNode())) != null) {
        throw key.wrong(key.text() + " is there twice", "Leave one of them out");
      }
    }
    return members;
  }

  /// Refuses a map with other members than these.
  void only(String... known) {
    List<String> names = Arrays.stream(known).sorted().toList();
    members()
        .forEach((name, member) -> {
          if (!names.contains(name)) {
            throw member.wrong(
                "'" + name + "' is not known here", "Use of " + String.join(", ", names));
          }
        });
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
    if (!(node instanceof SequenceNode list)) {
      throw wrong("is no list", "Write elements in [ ], or one a line after a dash");
    }
    return list.getValue().stream().map(this::of).toList();
  }

  /// Whether it is a value, neither map nor list.
  boolean isValue() {
    return node instanceof ScalarNode;
  }

  /// Its text.
  String text() {
    if (!(node instanceof ScalarNode value)) {
      throw wrong("is not a single value", "Write one value");
    }
    return value.getValue();
  }

  /// The file that its text names.
  Path path() {
    return folder == null ? Path.of(text()) : folder.resolve(text());
  }

  /// Its number.
  double number() {
    try {
      double value = Double.parseDouble(text());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The complaint is that of all that is not a number.
    }
    throw wrong("'" + text() + "' is not a number", "Write a number such as 12.5");
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
