package org.pixelwake.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.pixelwake.app.terminal.Console;

/// Runs commands in this process and captures what they print.
public record Cli(int code, String out, String err) {
  public static Cli run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int code = Main.run(Console.of(out, err), words);
    return new Cli(code, out.toString(), err.toString());
  }

  public JsonNode json() throws IOException {
    return JsonMapper.builder().build().readTree(out);
  }

  /// A file of the repository, looked for from the working directory upward.
  public static Path repository(String path) {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path candidate = folder.resolve(path);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException(path + " is not in any folder above the working directory");
  }

  /// A fixture of the timepix module.
  public static Path fixture(String path) {
    return repository("java/timepix/src/test/resources/fixtures/" + path);
  }

  /// A cluster log of one frame with `copies[k]` clusters of k+1 hits in a row each, two pixels
  /// apart.
  public static String clog(int... copies) {
    StringBuilder text = new StringBuilder("Frame 1 (0.000000, 1.000000 s)\n");
    for (int k = 0; k < copies.length; k++) {
      for (int copy = 0; copy < copies[k]; copy++) {
        for (int hit = 0; hit <= k; hit++) {
          text.append("[").append(hit).append(", ").append(copy % 256).append(", 10] ");
        }
        text.append("\n");
      }
    }
    return text.toString();
  }
}
