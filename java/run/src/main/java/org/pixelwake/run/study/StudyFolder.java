package org.pixelwake.run.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.run.RunFolder;

/// The folder of a study: `study.yaml`, `data/`, `pretrain/NAME/seed-N/`, `finetune/NAME/seed-N/`,
/// `results/`, `report.html`, `figures/`. What is done is told by files that appear whole, so that
/// a study killed at any moment goes on where it was.
public record StudyFolder(Path path) {
  private static JsonMapper json() {
    return JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        // A result of an older version may lack what this one needs.
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .build();
  }

  public Path plan() {
    return path.resolve("study.yaml");
  }

  /// The folder of the simulated data sets.
  public Path data() {
    return path.resolve("data");
  }

  public Path data(String name, boolean test) {
    return data().resolve(name + (test ? "-test" : "") + ".parquet");
  }

  public RunFolder pretraining(String name, long seed) {
    return run("pretrain", name, seed);
  }

  public RunFolder finetuning(String name, long seed) {
    return run("finetune", name, seed);
  }

  private RunFolder run(String kind, String name, long seed) {
    return new RunFolder(path.resolve(kind).resolve(name).resolve("seed-" + seed));
  }

  /// The file of a result, which is there when the work is done.
  public Path result(String kind, String name, long seed) {
    return path.resolve("results")
        .resolve(String.format(Locale.ROOT, "%s-%s-seed-%d.json", kind, name, seed));
  }

  public Path report() {
    return path.resolve("report.html");
  }

  /// Writes a result; it appears whole.
  public static void write(Path file, Object result) {
    try {
      replace(file, json().writerWithDefaultPrettyPrinter().writeValueAsString(result));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Writes a text; it appears whole.
  public static void replace(Path file, String text) {
    try {
      AtomicFile.write(file, text);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  /// Reads a result back.
  public static <T> T read(Path file, Class<T> type) {
    try {
      return json().readValue(Files.readString(file), type);
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be read: " + e.getMessage(), "Delete it: it is made anew", e);
    }
  }
}
