package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.Format;

/// Formats that are written.
public enum OutputFormat {
  MM(Format.MM, ""),
  T3PA(Format.T3PA, ".t3pa"),
  BURDA(Format.BURDA, ".txt"),
  SIM(Format.SIM, "_sim.txt"),
  CLOG(Format.CLOG, ".clog"),
  XYC(Format.XYC, ""),
  PARQUET(null, ".parquet");

  private final @Nullable Format format;
  private final String extension;

  OutputFormat(@Nullable Format format, String extension) {
    this.format = format;
    this.extension = extension;
  }

  /// Short name, as in `--to`.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The format of [org.pixelwake.timepix.io.Writers]; null for a data set.
  public @Nullable Format format() {
    return format;
  }

  /// Added to the name of an input for that of its output.
  public String extension() {
    return extension;
  }

  /// Files that an output of this name consists of; none for a folder of frames, which looks after
  /// itself.
  public List<Path> files(Path output) {
    return switch (this) {
      case XYC -> List.of();
      case MM -> {
        String stem = String.valueOf(output.getFileName()).replaceFirst("\\.ini$", "");
        yield Stream.of(".ini", "_cl.txt", "_px.txt")
            .map(end -> output.resolveSibling(stem + end))
            .toList();
      }
      default -> List.of(output);
    };
  }

  /// The format that the extension of an output tells.
  ///
  /// @param otherwise taken where it tells none; null to refuse that
  /// @throws InputException where it tells none
  public static OutputFormat of(Path output, @Nullable OutputFormat otherwise) {
    String name = String.valueOf(output.getFileName()).toLowerCase(Locale.ROOT);
    for (OutputFormat target : values()) {
      // .txt is what files of many formats are called.
      if (!target.extension.isEmpty()
          && !target.extension.equals(".txt")
          && name.endsWith(target.extension)) {
        return target;
      }
    }
    if (name.endsWith(".ini")) {
      return MM;
    }
    if (otherwise == null) {
      throw new InputException(
          output,
          "its name does not tell the format to write",
          "Choose one with --to: "
              + Arrays.stream(values()).map(OutputFormat::id).collect(Collectors.joining(", ")));
    }
    return otherwise;
  }
}
