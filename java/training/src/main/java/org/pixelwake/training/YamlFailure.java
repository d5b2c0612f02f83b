package org.pixelwake.training;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Collection;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// What is wrong with a YAML file, in words of its author rather than of the classes it is read
/// into.
public final class YamlFailure {
  private YamlFailure() {}

  /// The failure with the line, the key and what may stand there.
  ///
  /// @param source the file
  /// @param remedy for a file that is YAML, but holds something else than what is read from it
  public static InputException of(String source, JsonProcessingException e, String remedy) {
    String line = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr();
    if (e instanceof JsonMappingException mapping
        && !(e.getCause() instanceof JsonParseException)) {
      String key = key(mapping);
      String place = key.isEmpty() ? line : line.isEmpty() ? "key " + key : line + ", key " + key;
      return new InputException(source, place, problem(mapping), remedy, e);
    }
    // The lines between are the text of the file, set in.
    String what =
        e.getOriginalMessage()
            .lines()
            .filter(part -> !part.isBlank() && !part.startsWith(" "))
            .collect(Collectors.joining(", "));
    return new InputException(source, line, "is no valid YAML: " + what, "Correct the file", e);
  }

  private static String key(JsonMappingException e) {
    return e.getPath().stream()
        .map(JsonMappingException.Reference::getFieldName)
        .filter(Objects::nonNull)
        .collect(Collectors.joining("."));
  }

  private static String problem(JsonMappingException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          "is not known here; known are "
              + unknown.getKnownPropertyIds().stream()
                  .map(String::valueOf)
                  .sorted()
                  .collect(Collectors.joining(", "));
      case InvalidFormatException invalid ->
          "is " + invalid.getValue() + ", not " + kind(invalid.getTargetType());
      case MismatchedInputException other -> "is not " + kind(other.getTargetType());
      default -> e.getOriginalMessage();
    };
  }

  private static String kind(@Nullable Class<?> type) {
    if (type == null) {
      return "what is expected there";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return "a whole number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (type == String.class) {
      return "a text";
    }
    return Collection.class.isAssignableFrom(type) ? "a list" : "a block of keys and values";
  }
}
