package org.pixelwake.engine;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `kernels.h` declares: its functions, structs and constants, as layouts of the FFM API.
final class Header {
  private static final Pattern FUNCTION =
      Pattern.compile("^PW_API (.+?)\\s*\\*?(pw_\\w+)\\((.*)\\);$");
  private static final Pattern STRUCT =
      Pattern.compile("typedef struct (\\w+) \\{(.*?)\\} \\1;", Pattern.DOTALL);
  private static final Pattern SECTION = Pattern.compile("^/\\* -{4} (.*?) -{4,} \\*/$");
  private static final Pattern CONSTANT = Pattern.compile("^#define (PW_\\w+) (-?\\d+)\\b");

  final Map<String, FunctionDescriptor> functions = new LinkedHashMap<>();
  final Map<String, StructLayout> structs = new LinkedHashMap<>();
  final Map<String, Integer> constants = new HashMap<>();

  /// The titles of the sections in their order: what stands behind a colon names the families of a
  /// section of several.
  final List<String> sections = new ArrayList<>();

  Header() throws IOException {
    this("kernels.h");
  }

  /// @param name of another header
  Header(String name) throws IOException {
    String text = Files.readString(root().resolve("native/include/pixelwake").resolve(name));
    for (String line : text.split("\n")) {
      Matcher section = SECTION.matcher(line);
      if (section.matches()) {
        sections.add(section.group(1));
      }
    }
    String code = text.replaceAll("(?s)/\\*.*?\\*/", "");
    for (String line : code.split("\n")) {
      if (line.startsWith("PW_API")) {
        function(line.strip());
      }
      Matcher constant = CONSTANT.matcher(line);
      if (constant.find()) {
        constants.put(constant.group(1), Integer.parseInt(constant.group(2)));
      }
    }
    Matcher struct = STRUCT.matcher(code);
    while (struct.find()) {
      structs.put(struct.group(1), struct(struct.group(1), struct.group(2)));
    }
  }

  /// The root of the repository, above the directory that the tests run in.
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(directory.resolve("native/include/pixelwake/kernels.h"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("no kernels.h above the working directory");
      }
    }
    return directory;
  }

  private void function(String line) {
    Matcher matcher = FUNCTION.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalStateException("not a prototype on one line: " + line);
    }
    String name = matcher.group(2);
    boolean pointer = line.substring(0, matcher.start(2)).endsWith("*");
    MemoryLayout result = pointer ? ValueLayout.ADDRESS : type(matcher.group(1));
    List<MemoryLayout> arguments = new ArrayList<>();
    if (!matcher.group(3).equals("void")) {
      for (String argument : matcher.group(3).split(",")) {
        arguments.add(
            argument.contains("*")
                ? ValueLayout.ADDRESS
                : type(argument.strip().replaceAll("\\s+\\w+$", "")));
      }
    }
    FunctionDescriptor descriptor =
        FunctionDescriptor.of(result, arguments.toArray(MemoryLayout[]::new));
    if (functions.put(name, descriptor) != null) {
      throw new IllegalStateException(name + " is declared twice");
    }
  }

  private static ValueLayout type(String name) {
    return switch (name) {
      case "int32_t", "pw_status" -> ValueLayout.JAVA_INT;
      case "int64_t" -> ValueLayout.JAVA_LONG;
      case "float" -> ValueLayout.JAVA_FLOAT;
      case "char" -> ValueLayout.JAVA_BYTE;
      default -> throw new IllegalStateException("unknown type " + name);
    };
  }

  // As a C compiler lays it out; all types are naturally aligned, so only gaps would be padding.
  private static StructLayout struct(String name, String body) {
    List<MemoryLayout> fields = new ArrayList<>();
    long offset = 0;
    long alignment = 1;
    for (String statement : body.split(";")) {
      String declaration = statement.strip();
      if (declaration.isEmpty()) {
        continue;
      }
      for (MemoryLayout field : fields(declaration)) {
        long gap = -offset & (field.byteAlignment() - 1);
        if (gap > 0) {
          fields.add(MemoryLayout.paddingLayout(gap));
        }
        fields.add(field);
        offset += gap + field.byteSize();
        alignment = Math.max(alignment, field.byteAlignment());
      }
    }
    long tail = -offset & (alignment - 1);
    if (tail > 0) {
      fields.add(MemoryLayout.paddingLayout(tail));
    }
    return MemoryLayout.structLayout(fields.toArray(MemoryLayout[]::new)).withName(name);
  }

  private static List<MemoryLayout> fields(String declaration) {
    Matcher matcher = Pattern.compile("(?:const )?(\\w+)\\s+(\\**)(.+)").matcher(declaration);
    if (!matcher.matches()) {
      throw new IllegalStateException("not a field: " + declaration);
    }
    boolean pointer = !matcher.group(2).isEmpty();
    ValueLayout type = pointer ? ValueLayout.ADDRESS : type(matcher.group(1));
    return Arrays.stream(matcher.group(3).split(",")).map(name -> field(type, name)).toList();
  }

  private static MemoryLayout field(ValueLayout type, String declarator) {
    Matcher array = Pattern.compile("(\\w+)\\[(\\d+)]").matcher(declarator.strip());
    if (array.matches()) {
      return MemoryLayout.sequenceLayout(Long.parseLong(array.group(2)), type)
          .withName(array.group(1));
    }
    return type.withName(declarator.strip());
  }
}
