package org.pixelwake.app.options;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.training.RunConfig;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The settings of a configuration as options of a command: each is stated once, in the class of
/// the configuration.
public final class SettingOptions {
  private final Map<RunConfig.Described, OptionSpec> options = new LinkedHashMap<>();
  private final RunConfig defaults;

  /// @param defaults a configuration of the kind, as it is where no option is given
  public SettingOptions(RunConfig defaults) {
    this.defaults = defaults;
  }

  /// Adds an option for every setting.
  public void addTo(CommandSpec command) {
    for (RunConfig.Described described : defaults.settings()) {
      Object fallback = value(described.field(), defaults);
      String shown = fallback.equals("") ? "none" : String.valueOf(fallback);
      OptionSpec option =
          OptionSpec.builder("--" + described.name())
              .type(described.field().getType())
              .paramLabel(label(described.field()))
              .arity("1")
              .showDefaultValue(Visibility.NEVER)
              .description(sentence(described.text()) + " Default: " + shown + ".")
              .build();
      options.put(described, option);
      command.addOption(option);
    }
  }

  private static String label(Field field) {
    Class<?> type = field.getType();
    if (type == boolean.class) {
      return "true|false";
    }
    return type == String.class ? "TEXT" : "N";
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  /// Returns whether any setting was given.
  public boolean any() {
    return options.values().stream().anyMatch(option -> option.getValue() != null);
  }

  /// Overwrites the settings that were given.
  ///
  /// @param config of the same kind
  public void applyTo(RunConfig config) {
    options.forEach((described, option) -> {
      try {
        if (option.getValue() != null) {
          described.field().set(config, option.<Object>getValue());
        }
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(described.name(), e);
      }
    });
  }

  private static Object value(Field field, RunConfig config) {
    try {
      return Objects.requireNonNull(field.get(config));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field.getName(), e);
    }
  }
}
