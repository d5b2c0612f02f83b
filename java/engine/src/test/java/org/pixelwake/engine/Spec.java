package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A case of the operation table as one line of words: family, function, then numbers (`n1h7w9`,
/// `k5`), settings (`grad=bn`) and options (`stats`) in any order.
public final class Spec {
  private static final Pattern NUMBERS = Pattern.compile("([a-z]\\d+)+");
  private static final Pattern NUMBER = Pattern.compile("([a-z])(\\d+)");
  private static final Set<String> STORAGES = Set.of("f32", "bf16");
  private static final Set<String> TRANSFORMS = Set.of("none", "bn", "bn_silu", "bn_silu_gate");

  private final String line;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, String> settings = new HashMap<>();
  private final Set<String> options = new HashSet<>();
  private final Set<String> unused = new HashSet<>();
  private final List<String> names = new ArrayList<>();
  private Storage storage = Storage.F32;
  private Transform transform = Transform.NONE;

  /// Reads a line.
  public Spec(String line) {
    this.line = line;
    for (String word : line.trim().split("\\s+")) {
      read(word);
    }
    unused.addAll(options);
  }

  private void read(String word) {
    if (names.size() < 2) {
      names.add(word);
    } else if (STORAGES.contains(word)) {
      storage = Storage.valueOf(word.toUpperCase(java.util.Locale.ROOT));
    } else if (TRANSFORMS.contains(word)) {
      transform = Transform.valueOf(word.toUpperCase(java.util.Locale.ROOT));
    } else if (word.contains("=")) {
      settings.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
    } else if (NUMBERS.matcher(word).matches()) {
      Matcher matcher = NUMBER.matcher(word);
      while (matcher.find()) {
        numbers.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
      }
    } else {
      options.add(word);
    }
  }

  /// The line itself.
  public String line() {
    return line;
  }

  /// The family of kernels.
  public String family() {
    return names.get(0);
  }

  /// The function among those of the family.
  public String function() {
    return names.get(1);
  }

  Storage storage() {
    return storage;
  }

  Transform transform() {
    return transform;
  }

  /// A number that the case must have.
  public int number(String name) {
    Integer value = numbers.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the case `" + line + "` lacks " + name);
    }
    return value;
  }

  /// A number, or another where the case has none.
  public int number(String name, int otherwise) {
    return numbers.getOrDefault(name, otherwise);
  }

  String setting(String name, String otherwise) {
    return settings.getOrDefault(name, otherwise);
  }

  /// A setting that is a number, or another where the case has none.
  public float real(String name, float otherwise) {
    String value = settings.get(name);
    return value == null ? otherwise : Float.parseFloat(value);
  }

  /// Whether the case has the option.
  public boolean has(String option) {
    unused.remove(option);
    return options.contains(option);
  }

  /// What is wrong where the family has no such function.
  IllegalArgumentException unknown() {
    return new IllegalArgumentException("no function in the case `" + line + "`");
  }

  /// A misspelt option would silently test something else.
  void checkAllRead() {
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("the case `" + line + "` has unknown words " + unused);
    }
  }
}
