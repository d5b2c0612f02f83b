package org.pixelwake.timepix;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.OpenOptions;

/// Files for tests, and straightforward ways to read them.
public final class Fixtures {
  private Fixtures() {}

  /// What a stream gave.
  public record Read(SourceInfo info, List<Cluster> clusters, ClusterReport report) {}

  /// A small file that comes with the tests.
  public static Path path(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(Fixtures.class.getResource("/fixtures/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A large file of `../shared/data`; the test is skipped where it is absent.
  public static Path shared(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("shared/data").resolve(name);
      if (Files.exists(file)) {
        return file;
      }
    }
    return Assumptions.abort("skipped: ../shared/data/" + name + " is not there");
  }

  /// The file of a row in a table of cases: a large one, see [#shared], where the name begins with
  /// `shared/`, otherwise a small one that comes with the tests.
  public static Path file(String name) {
    String prefix = "shared/";
    return name.startsWith(prefix) ? shared(name.substring(prefix.length())) : path(name);
  }

  public static Path write(Path folder, String name, String text) {
    return write(folder, name, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public static Path write(Path folder, String name, byte[] bytes) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A file packed with gzip.
  public static Path gzip(Path file, Path target) {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(target))) {
      Files.copy(file, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  /// A zip of a folder, in no particular order of its entries.
  public static Path zip(Path folder, Path target) {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target));
        var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        out.write(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  public static Read read(Path path) {
    return read(path, ClusterOptions.defaults());
  }

  public static Read read(Path path, OpenOptions options) {
    return read(path, ClusterOptions.defaults().withOpen(options));
  }

  public static Read read(Path path, ClusterOptions options) {
    try (ClusterStream stream = ClusterStream.open(path, options)) {
      List<Cluster> clusters = new ArrayList<>();
      stream.forEachRemaining(clusters::add);
      return new Read(stream.info(), clusters, stream.report());
    }
  }

  /// The cluster as text: all of it, exactly.
  public static String text(Cluster c) {
    StringBuilder text = new StringBuilder(c.frame() + " @" + c.time() + ":");
    for (int i = 0; i < c.size(); i++) {
      text.append(" (" + c.x()[i] + "," + c.y()[i] + "," + c.energy()[i] + "," + c.toa()[i] + ")");
    }
    return text.toString();
  }

  public static List<String> texts(List<Cluster> clusters) {
    return clusters.stream().map(Fixtures::text).toList();
  }

  /// The pixels of a cluster, as sorted `x,y`.
  public static Set<String> pixels(Cluster c) {
    Set<String> pixels = new TreeSet<>();
    for (int i = 0; i < c.size(); i++) {
      pixels.add(c.x()[i] + "," + c.y()[i]);
    }
    return pixels;
  }

  /// 8-connected sets of pixels of an XYC text by flood fill.
  public static List<Set<String>> flood(String xyc) {
    Set<String> left = new TreeSet<>();
    for (String line : xyc.split("\\R", -1)) {
      String[] parts = line.strip().split("[\\s,]+");
      if (parts.length == 3) {
        left.add(parts[0] + "," + parts[1]);
      }
    }
    List<Set<String>> clusters = new ArrayList<>();
    while (!left.isEmpty()) {
      Set<String> cluster = new TreeSet<>();
      List<String> todo = new ArrayList<>(List.of(left.iterator().next()));
      while (!todo.isEmpty()) {
        String pixel = todo.remove(todo.size() - 1);
        if (!left.remove(pixel)) {
          continue;
        }
        cluster.add(pixel);
        int x = Integer.parseInt(pixel.split(",")[0]);
        int y = Integer.parseInt(pixel.split(",")[1]);
        for (int dx = -1; dx <= 1; dx++) {
          for (int dy = -1; dy <= 1; dy++) {
            todo.add((x + dx) + "," + (y + dy));
          }
        }
      }
      clusters.add(cluster);
    }
    return clusters;
  }

  public static Set<Set<String>> pixelSets(List<Cluster> clusters) {
    Set<Set<String>> sets = new HashSet<>();
    clusters.forEach(c -> sets.add(pixels(c)));
    return sets;
  }
}
