package org.pixelwake.app.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.run.data.Outputs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/// `--output` and `--force` of every command that writes: what exists is replaced by `--force`
/// only.
@Command
public final class OutputOptions {
  private final OptionSpec output;
  private final OptionSpec force;

  private OutputOptions(
      String label,
      boolean required,
      @Nullable String fallback,
      String description,
      String forcing) {
    output =
        OptionSpec.builder("-o", "--output")
            .description(description)
            .type(Path.class)
            .paramLabel(label)
            .required(required)
            .defaultValue(fallback)
            .build();
    force = OptionSpec.builder("-f", "--force").description(forcing).type(boolean.class).build();
  }

  /// Options of which the output must be given.
  ///
  /// @param label what the value is, such as `FILE`
  /// @param description of the output
  /// @param forcing description of `--force`
  public static OutputOptions required(String label, String description, String forcing) {
    return new OutputOptions(label, true, null, description, forcing);
  }

  /// Options of which the output need not be given.
  ///
  /// @param fallback output that is taken then; null: [#path] asks for it
  public static OutputOptions optional(
      String label, @Nullable String fallback, String description, String forcing) {
    return new OutputOptions(label, false, fallback, description, forcing);
  }

  @Spec(Spec.Target.MIXEE)
  void addTo(CommandSpec command) {
    command.addOption(output).addOption(force);
  }

  /// Returns whether there is something to write.
  public boolean given() {
    return output.getValue() != null;
  }

  /// Returns what to write, unchecked.
  public Path path() {
    Path given = output.getValue();
    if (given == null) {
      throw new InputException("--output", "is missing", "Name what to write with -o");
    }
    return given;
  }

  /// Returns true where an output that exists may be replaced.
  public boolean force() {
    return Boolean.TRUE.equals(force.getValue());
  }

  /// Returns the file to write.
  ///
  /// @param inputs files that are read
  /// @throws InputException where it exists and may not be replaced, or is an input itself
  public Path file(List<Path> inputs) {
    Outputs.check(List.of(path()), inputs, force());
    return path();
  }

  /// Returns the folder to write files to.
  ///
  /// @throws InputException where it exists and may not be written to
  public Path folder() {
    if (Files.exists(path()) && !force()) {
      throw new InputException(path(), "exists", "Choose another folder with -o, or give --force");
    }
    return path();
  }
}
