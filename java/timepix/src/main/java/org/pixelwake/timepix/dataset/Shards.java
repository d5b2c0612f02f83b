package org.pixelwake.timepix.dataset;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// The files of a data set.
///
/// A folder of `part-00000.parquet`, `part-00001.parquet`... is one data set, whose rows are those
/// of the files in the order of their names. Where it has a list of its files, `_dataset.json`, a
/// file that is missing or exchanged is noticed. Names with `_` in front are left out by programs
/// that read such folders, as Spark, DuckDB and polars do.
public final class Shards {
  /// Name of the list of files.
  public static final String LIST = "_dataset.json";

  private static final String PARTS = "part-*.parquet";
  private static final String FILES = "files";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Shards() {}

  /// A file of a data set.
  ///
  /// @param file its path
  /// @param clusters clusters that it has, or -1 where that is not known
  public record Shard(Path file, long clusters) {
    /// Checks the number of its clusters.
    void check(long found) {
      if (clusters >= 0 && found != clusters) {
        throw new InputException(
            file,
            "it has " + found + " clusters, but " + clusters + " by the list " + LIST,
            "It is of another data set: put the right file in its place");
      }
    }
  }

  /// Name of the file of a number, from 0.
  public static String fileName(int number) {
    return String.format(Locale.ROOT, "part-%05d.parquet", number);
  }

  /// Whether a path is a data set of several files: a folder that holds such files, or a glob of
  /// Parquet files.
  public static boolean isSharded(Path path) {
    if (Files.isDirectory(path)) {
      return Files.exists(path.resolve(LIST)) || !list(path, PARTS).isEmpty();
    }
    return isGlob(path) && !matches(path).isEmpty();
  }

  /// The files of a data set, in order.
  ///
  /// @param path a file, a folder or a glob
  /// @throws InputException where a folder or a glob has none, or one of the list is missing
  public static List<Shard> of(Path path) {
    if (Files.isDirectory(path)) {
      Path list = path.resolve(LIST);
      return Files.exists(list) ? listed(path, list) : unlisted(path, list(path, PARTS));
    }
    return isGlob(path) ? unlisted(path, matches(path)) : List.of(new Shard(path, -1));
  }

  private static boolean isGlob(Path path) {
    String name = String.valueOf(path.getFileName());
    return (name.contains("*") || name.contains("?")) && !Files.exists(path);
  }

  private static List<Path> matches(Path glob) {
    Path folder = glob.toAbsolutePath().getParent();
    return folder == null || !Files.isDirectory(folder)
        ? List.of()
        : list(folder, String.valueOf(glob.getFileName())).stream()
            .filter(file -> file.toString().endsWith(".parquet"))
            .toList();
  }

  private static List<Shard> unlisted(Path path, List<Path> files) {
    if (files.isEmpty()) {
      throw new InputException(
          path,
          "no file of a data set is there",
          "Name a Parquet file, a folder of " + PARTS + " or a glob such as tracks/*.parquet");
    }
    return files.stream().map(file -> new Shard(file, -1)).toList();
  }

  private static List<Path> list(Path folder, String glob) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry) && !entry.getFileName().toString().startsWith(".")) {
          files.add(entry);
        }
      }
    } catch (IOException e) {
      throw InputException.unreadable(folder, e);
    }
    files.sort(null);
    return files;
  }

  private static List<Shard> listed(Path folder, Path list) {
    JsonNode files;
    try {
      files = JSON.readTree(list.toFile()).path(FILES);
    } catch (JacksonException e) {
      throw damaged(list, "it is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw damaged(list, "it cannot be read: " + e.getMessage(), e);
    }
    List<Shard> shards = new ArrayList<>();
    for (JsonNode file : files) {
      String name = file.path("file").asText();
      if (name.isEmpty() || name.contains("/") || !file.path("clusters").isIntegralNumber()) {
        throw damaged(list, "entry " + shards.size() + " is no file and number of clusters", null);
      }
      Path path = folder.resolve(name);
      if (!Files.isRegularFile(path)) {
        throw new InputException(
            path,
            "this file of the data set is missing",
            "Copy the folder whole or make the data set again");
      }
      shards.add(new Shard(path, file.path("clusters").asLong()));
    }
    if (shards.isEmpty()) {
      throw damaged(list, "it names no files", null);
    }
    return shards;
  }

  private static InputException damaged(Path list, String problem, @Nullable Throwable cause) {
    String remedy = "Copy the folder again, or remove this list to read the files that are there";
    return new InputException(list.toString(), "", problem, remedy, cause);
  }

  /// Writes the list of the files of a folder.
  ///
  /// @throws IOException where the disk does not take it
  public static void writeList(Path folder, List<Shard> shards) throws IOException {
    ObjectNode list = JSON.createObjectNode();
    ArrayNode files = list.putArray(FILES);
    for (Shard shard : shards) {
      files
          .addObject()
          .put("file", String.valueOf(shard.file().getFileName()))
          .put("clusters", shard.clusters());
    }
    AtomicFile.write(folder.resolve(LIST), JSON.writeValueAsString(list) + "\n");
  }

  /// Checks that a folder can be written, or replaced because it holds a data set and nothing else.
  ///
  /// @throws InputException where it cannot
  public static void checkReplaceable(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          folder, "a file, not a folder", "Name a folder to write the files to");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        boolean own = name.startsWith("_") || name.matches("part-.*\\.parquet");
        if (!own || !Files.isRegularFile(entry)) {
          throw new InputException(
              folder,
              "a folder that holds " + name + ", which is not a part of a data set",
              "Name another folder");
        }
      }
    } catch (IOException e) {
      throw InputException.unwritable(folder, e);
    }
  }
}
