package org.pixelwake.timepix.calibration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// Finds and reads the four matrices of a calibration.
final class CalibrationReader {
  private static final String[] LETTERS = {"a", "b", "c", "t"};
  private static final int CHIP = 256;
  private static final int QUAD = 512;
  private static final int LONGEST_LINE = 1 << 17;

  private CalibrationReader() {}

  private interface Opener {
    InputStream open() throws IOException;
  }

  private record Item(String name, Opener opener) {}

  static EnergyCalibration read(Path path, boolean transposed) {
    try {
      if (Files.isDirectory(path)) {
        List<Item> items = new ArrayList<>();
        try (var files = Files.walk(path.toRealPath())) {
          files
              .filter(Files::isRegularFile)
              .sorted()
              .forEach(f -> items.add(new Item(f.toString(), () -> Files.newInputStream(f))));
        }
        return read(path.toString(), items, transposed);
      }
      if (!Files.isRegularFile(path)) {
        throw new InputException(
            path, "does not exist", "Name a folder or zip with a, b, c, t matrices");
      }
      try (ZipFile zip = new ZipFile(path.toFile())) {
        List<Item> items = new ArrayList<>();
        for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
          if (!entry.isDirectory()) {
            items.add(new Item(path + "!" + entry.getName(), () -> zip.getInputStream(entry)));
          }
        }
        return read(path.toString(), items, transposed);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(
          path,
          "cannot be read as a calibration (" + e.getMessage() + ")",
          "Name a folder or zip with the matrices a.txt, b.txt, c.txt and t.txt",
          e);
    }
  }

  private static EnergyCalibration read(String name, List<Item> items, boolean transposed)
      throws IOException {
    double[][] matrices = new double[LETTERS.length][];
    for (int i = 0; i < LETTERS.length; i++) {
      matrices[i] = matrix(find(name, items, LETTERS[i]));
    }
    int n = matrices[0].length;
    for (double[] matrix : matrices) {
      if (matrix.length != n) {
        throw new InputException(
            name, "the four matrices are not of one size", "Take all four of the same chip");
      }
    }
    int side = n == CHIP * CHIP ? CHIP : QUAD;
    if (transposed) {
      for (double[] matrix : matrices) {
        transpose(matrix, side);
      }
    }
    return new EnergyCalibration(
        name, side, side, matrices[0], matrices[1], matrices[2], matrices[3]);
  }

  private static Item find(String name, List<Item> items, String letter) {
    List<Item> exact = new ArrayList<>();
    List<Item> apart = new ArrayList<>();
    List<Item> ending = new ArrayList<>();
    for (Item item : items) {
      String stem = stem(item.name());
      if (stem.equals(letter)) {
        exact.add(item);
      } else if (stem.endsWith(letter)) {
        char before = stem.charAt(stem.length() - 2);
        (Character.isLetter(before) ? ending : apart).add(item);
      }
    }
    for (List<Item> found : List.of(exact, apart, ending)) {
      if (found.size() == 1) {
        return found.get(0);
      }
      if (found.size() > 1) {
        throw new InputException(
            name,
            "several files could be the matrix '"
                + letter
                + "': "
                + found.get(0).name()
                + ", "
                + found.get(1).name(),
            "Name the folder of one chip");
      }
    }
    throw new InputException(
        name,
        "the matrix '" + letter + "' (such as " + letter + ".txt) is missing",
        "A calibration is a folder or zip with the matrices a.txt, b.txt, c.txt and t.txt");
  }

  private static String stem(String name) {
    String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    file = file.substring(file.lastIndexOf('!') + 1).toLowerCase(Locale.ROOT);
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }

  private static double[] matrix(Item item) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(item.opener().open(), StandardCharsets.ISO_8859_1))) {
      double[] values = new double[CHIP * CHIP];
      int side = CHIP;
      int rows = 0;
      int number = 0;
      for (String line = line(lines); line != null; line = line(lines)) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        StringTokenizer tokens = new StringTokenizer(line);
        int count = tokens.countTokens();
        if (rows == 0 && count == QUAD) {
          side = QUAD;
          values = new double[QUAD * QUAD];
        }
        if (count != side) {
          throw new InputException(
              item.name(),
              "line " + number,
              "has " + count + " numbers instead of " + side,
              "A matrix has 256 lines of 256 numbers (a quad's 512 of 512)");
        }
        // Some files carry a line more than the sensor has rows; it is passed.
        for (int x = 0; x < side && rows < side; x++) {
          values[rows * side + x] = value(tokens.nextToken(), item, number);
        }
        rows++;
      }
      if (rows < side || rows > side + 1) {
        throw new InputException(
            item.name(),
            "line " + number,
            "has " + rows + " rows instead of " + side,
            "A matrix has 256 lines of 256 numbers (a quad's 512 of 512)");
      }
      return values;
    }
  }

  private static @Nullable String line(BufferedReader reader) throws IOException {
    StringBuilder text = null;
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      text = text == null ? new StringBuilder() : text;
      if (c == '\n') {
        break;
      }
      if (text.length() < LONGEST_LINE) {
        text.append((char) c);
      }
    }
    return text == null ? null : text.toString();
  }

  private static double value(String token, Item item, int line) {
    String lower = token.toLowerCase(Locale.ROOT);
    String bare = lower.startsWith("-") || lower.startsWith("+") ? lower.substring(1) : lower;
    // C programs write failed fits as nan, -nan(ind), inf or 1.#QNAN.
    if (bare.startsWith("nan") || bare.startsWith("inf") || bare.contains("#")) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(token);
    } catch (NumberFormatException e) {
      throw new InputException(
          item.name(),
          "line " + line,
          "'" + token.substring(0, Math.min(20, token.length())) + "' is no number",
          "A matrix has 256 lines of 256 numbers (a quad's 512 of 512)",
          e);
    }
  }

  private static void transpose(double[] matrix, int side) {
    double[] copy = Arrays.copyOf(matrix, matrix.length);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        matrix[y * side + x] = copy[x * side + y];
      }
    }
  }
}
