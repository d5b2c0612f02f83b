package org.pixelwake.timepix.calibration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.file.FileTree;

/// Finds and reads the four matrices of a calibration.
final class CalibrationReader {
  private static final String[] LETTERS = {"a", "b", "c", "t"};
  private static final int CHIP = 256;
  private static final int QUAD = 512;
  private static final int LONGEST_FILE = 1 << 24;

  private CalibrationReader() {}

  static EnergyCalibration read(Path path, boolean transposed) {
    if (!Files.exists(path)) {
      throw new InputException(
          path, "does not exist", "Name a folder or zip with a, b, c, t matrices");
    }
    try (FileTree tree = FileTree.open(path)) {
      return read(path.toString(), tree.entries(), transposed);
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(
          path,
          "cannot be read as a calibration (" + e.getMessage() + ")",
          "Name a folder or zip with the matrices a.txt, b.txt, c.txt and t.txt",
          e);
    }
  }

  private static EnergyCalibration read(String name, List<FileTree.Entry> items, boolean transposed)
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

  private static FileTree.Entry find(String name, List<FileTree.Entry> items, String letter) {
    List<FileTree.Entry> exact = new ArrayList<>();
    List<FileTree.Entry> apart = new ArrayList<>();
    List<FileTree.Entry> ending = new ArrayList<>();
    for (FileTree.Entry item : items) {
      String stem = stem(item);
      if (stem.equals(letter)) {
        exact.add(item);
      } else if (stem.endsWith(letter)) {
        char before = stem.charAt(stem.length() - 2);
        (Character.isLetter(before) ? ending : apart).add(item);
      }
    }
    for (List<FileTree.Entry> found : List.of(exact, apart, ending)) {
      if (found.size() == 1) {
        return found.get(0);
      }
      if (found.size() > 1) {
        throw new InputException(
            name,
            "several files could be the matrix '%s': %s, %s"
                .formatted(letter, found.get(0).display(), found.get(1).display()),
            "Name the folder of one chip");
      }
    }
    throw new InputException(
        name,
        "the matrix '" + letter + "' (such as " + letter + ".txt) is missing",
        "A calibration is a folder or zip with the matrices a.txt, b.txt, c.txt and t.txt");
  }

  private static String stem(FileTree.Entry item) {
    String file = item.fileName().toLowerCase(Locale.ROOT);
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }

  private static double[] matrix(FileTree.Entry item) throws IOException {
    List<String> lines;
    try (InputStream in = item.open()) {
      lines = new String(in.readNBytes(LONGEST_FILE), StandardCharsets.ISO_8859_1).lines().toList();
    }
    double[] values = new double[CHIP * CHIP];
    int side = CHIP;
    int rows = 0;
    for (int number = 1; number <= lines.size(); number++) {
      StringTokenizer tokens = new StringTokenizer(lines.get(number - 1));
      int count = tokens.countTokens();
      if (count == 0) {
        continue;
      }
      if (rows == 0 && count == QUAD) {
        side = QUAD;
        values = new double[QUAD * QUAD];
      }
      if (count != side) {
        throw wrong(item, number, "has " + count + " numbers instead of " + side);
      }
      // Some files carry a line more than the sensor has rows; it is passed.
      for (int x = 0; x < side && rows < side; x++) {
        values[rows * side + x] = value(tokens.nextToken(), item, number);
      }
      rows++;
    }
    if (rows < side || rows > side + 1) {
      throw wrong(item, lines.size(), "has " + rows + " rows instead of " + side);
    }
    return values;
  }

  private static double value(String token, FileTree.Entry item, int line) {
    String lower = token.toLowerCase(Locale.ROOT);
    String bare = lower.startsWith("-") || lower.startsWith("+") ? lower.substring(1) : lower;
    // C programs write failed fits as nan, -nan(ind), inf or 1.#QNAN.
    if (bare.startsWith("nan") || bare.startsWith("inf") || bare.contains("#")) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(token);
    } catch (NumberFormatException e) {
      String shown = token.substring(0, Math.min(20, token.length()));
      throw wrong(item, line, "'" + shown + "' is not a number");
    }
  }

  private static InputException wrong(FileTree.Entry item, int line, String problem) {
    return new InputException(
        item.display(),
        "line " + line,
        problem,
        "A matrix has 256 lines of 256 numbers (a quad's 512 of 512)");
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
