package org.pixelwake.app.options;

import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The values of an option by their names, in any case of letters; `--help` lists them.
public abstract class Choices<T> implements ITypeConverter<T>, Iterable<String> {
  private final List<T> values;
  private final Function<T, String> name;
  private final String problem;

  /// @param name of a value
  /// @param problem what is wrong with any other, such as "is not a format"
  protected Choices(List<T> values, Function<T, String> name, String problem) {
    this.values = values;
    this.name = name;
    this.problem = problem;
  }

  @Override
  public T convert(String text) {
    return values.stream()
        .filter(value -> name.apply(value).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "'" + text + "' " + problem + "; choose one of " + String.join(", ", this)));
  }

  @Override
  public Iterator<String> iterator() {
    return values.stream().map(name).iterator();
  }
}
