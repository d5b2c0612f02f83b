package org.pixelwake.options;

import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The formats that an option takes by their names, in any case of letters; `--help` lists them.
public abstract class Choices<T> implements ITypeConverter<T>, Iterable<String> {
  private final List<T> values;
  private final Function<T, String> name;

  /// @param name gives the name of a value
  protected Choices(List<T> values, Function<T, String> name) {
    this.values = values;
    this.name = name;
  }

  @Override
  public T convert(String text) {
    return values.stream()
        .filter(value -> name.apply(value).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'" + text + "' is not a format; choose one of " + String.join(", ", this)));
  }

  @Override
  public Iterator<String> iterator() {
    return values.stream().map(name).iterator();
  }
}
