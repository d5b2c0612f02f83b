package org.pixelwake.timepix.calibration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.pixelwake.base.InputException;

/// Pixels whose hits are left out, such as noisy ones.
public final class PixelMask {
  /// Largest sensor side, a quad's.
  private static final int SIDE = 512;

  private final BitSet pixels;

  private PixelMask(BitSet pixels) {
    this.pixels = pixels;
  }

  /// A mask without a pixel.
  public static PixelMask none() {
    return new PixelMask(new BitSet());
  }

  /// This mask with one pixel more.
  public PixelMask with(int x, int y) {
    if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) {
      throw new IllegalArgumentException("pixel " + x + ", " + y);
    }
    BitSet copy = (BitSet) pixels.clone();
    copy.set(y * SIDE + x);
    return new PixelMask(copy);
  }

  /// The pixels of both.
  public PixelMask and(PixelMask other) {
    BitSet copy = (BitSet) pixels.clone();
    copy.or(other.pixels);
    return new PixelMask(copy);
  }

  /// Whether hits of this pixel are left out.
  public boolean masked(int x, int y) {
    return pixels.get(y * SIDE + x);
  }

  /// Number of masked pixels.
  public int count() {
    return pixels.cardinality();
  }

  /// Reads a `masked_pixels.txt`: a line `x y` or `x y 1` a masked pixel (0 says that it is not),
  /// `#` before a comment.
  ///
  /// @throws InputException where it cannot be read or a line is no pixel
  public static PixelMask read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /// As above from a stream, named `name` in errors. A reader's failure is thrown on.
  public static PixelMask read(InputStream in, String name) throws IOException {
    BitSet pixels = new BitSet();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int[] v = numbers(text);
      if (v.length < 2 || v.length > 3 || v[0] < 0 || v[1] < 0 || v[0] >= SIDE || v[1] >= SIDE) {
        throw new InputException(
            name,
            "line " + number,
            "is no masked pixel",
            "Write one pixel a line, as x y or x y 1");
      }
      if (v.length == 2 || v[2] != 0) {
        pixels.set(v[1] * SIDE + v[0]);
      }
    }
    return new PixelMask(pixels);
  }

  private static int[] numbers(String text) {
    String[] parts = text.split("[\\s,;]+", -1);
    int[] values = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      if (!parts[i].matches("\\d{1,9}")) {
        return new int[0];
      }
      values[i] = Integer.parseInt(parts[i]);
    }
    return values;
  }
}
