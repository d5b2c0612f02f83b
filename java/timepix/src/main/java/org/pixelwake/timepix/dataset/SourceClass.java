package org.pixelwake.timepix.dataset;

import java.util.regex.Pattern;
import org.pixelwake.base.InputException;

/// A class of clusters by the files that they come from, such as `sr90=*sr90*`.
///
/// @param name name of the class
/// @param pattern what the path of a file is held against: with `*` (any characters, folders too)
///   or `?` (one), the path or the part of it from any folder on; without them, text that is in it
public record SourceClass(String name, String pattern) {
  public SourceClass {
    if (name.isBlank() || pattern.isBlank()) {
      throw new IllegalArgumentException("a class of sources has a name and a pattern");
    }
  }

  /// The class of a text NAME=PATTERN.
  ///
  /// @throws InputException where it is none
  public static SourceClass parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? "" : text.substring(0, equals).strip();
    String pattern = text.substring(equals + 1).strip();
    if (name.isEmpty() || pattern.isEmpty()) {
      throw new InputException(
          "classes by source",
          "'" + text + "'",
          "it is not a class and a pattern",
          "Write it as NAME=PATTERN, such as sr90=*sr90*");
    }
    return new SourceClass(name, pattern);
  }

  /// Whether a file is of this class.
  ///
  /// @param file path as a [org.pixelwake.timepix.SourceInfo] has it
  public boolean matches(String file) {
    String path = file.replace('\\', '/');
    if (pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0) {
      return path.contains(pattern);
    }
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.compile("(?:.*/)?" + regex, Pattern.DOTALL).matcher(path).matches();
  }
}
