package org.pixelwake.engine.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.pixelwake.base.AtomicFile;

/// Finds native libraries: the directory of the property `pixelwake.native.dir`, that of the
/// environment variable `PIXELWAKE_NATIVE_DIR`, then the copy inside the engine's jar, unpacked to
/// a per-user cache under a name that carries its SHA-256.
public final class NativeLibraries {
  private NativeLibraries() {}

  /// @throws UnsatisfiedLinkError naming every place tried
  public static Path find(String backend) {
    String file = "libpixelwake_" + backend + ".so";
    List<String> tried = new ArrayList<>();
    String property = System.getProperty("pixelwake.native.dir", "");
    String variable = System.getenv().getOrDefault("PIXELWAKE_NATIVE_DIR", "");
    for (String directory : List.of(property, variable)) {
      Path path = Path.of(directory, file).toAbsolutePath();
      if (!directory.isEmpty() && Files.isRegularFile(path)) {
        return path;
      } else if (!directory.isEmpty()) {
        tried.add(path.toString());
      }
    }
    String resource = "/org/pixelwake/native/" + platform() + "/" + file;
    String why = "";
    try (InputStream stream = NativeLibraries.class.getResourceAsStream(resource)) {
      if (stream != null) {
        return unpack(file, stream.readAllBytes());
      }
    } catch (IOException e) {
      why = " (" + e + ")";
    }
    tried.add(resource + " in the jar" + why);
    throw new UnsatisfiedLinkError(file + " not found; tried " + String.join(", ", tried));
  }

  private static String platform() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).split(" ")[0]
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch);
  }

  // The digest in the name makes a stale copy impossible; the content is compared all the same, so
  // that a planted one is replaced.
  private static Path unpack(String file, byte[] content) throws IOException {
    Path cache = cacheDirectory();
    Files.createDirectories(cache);
    Path target = cache.resolve(sha256(content).substring(0, 16) + "-" + file);
    if (Files.isRegularFile(target)
        && java.util.Arrays.equals(Files.readAllBytes(target), content)) {
      return target;
    }
    AtomicFile.write(target, content);
    return target;
  }

  private static Path cacheDirectory() {
    String xdg = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path base =
        xdg.isEmpty() ? Path.of(System.getProperty("user.home", "."), ".cache") : Path.of(xdg);
    return base.resolve("pixelwake");
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
