package org.pixelwake.run.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.pixelwake.base.InputException;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;

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
  void write(String kind, String name, long seed, Object result) {
    try {
      String text = json().writerWithDefaultPrettyPrinter().writeValueAsString(result);
      RunFolders.write(result(kind, name, seed), text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads a result back; empty where the work is not done.
  public <T> Optional<T> read(String kind, String name, long seed, Class<T> type) {
    Path file = result(kind, name, seed);
    try {
      return Files.exists(file)
          ? Optional.of(json().readValue(Files.readString(file), type))
          : Optional.empty();
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be read: " + e.getMessage(), "Delete it: it is made anew", e);
    }
  }
}
