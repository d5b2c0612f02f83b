package org.pixelwake.timepix.calibration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pixelwake.base.InputException;

/// Pixels whose hits are left out, such as noisy ones.
public final class PixelMask {
  /// Largest sensor side, a quad's.
  private static final int SIDE = 512;

  private static final Pattern PIXEL =
      Pattern.compile("(\\d{1,9})[\\s,;]+(\\d{1,9})(?:[\\s,;]+(\\d{1,9}))?");

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

  /// Reads the mask from a stream, named `name` in errors. A reader's failure is thrown on.
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
      Matcher pixel = PIXEL.matcher(text);
      int x = pixel.matches() ? Integer.parseInt(pixel.group(1)) : SIDE;
      int y = x < SIDE ? Integer.parseInt(pixel.group(2)) : SIDE;
      if (y >= SIDE) {
        throw new InputException(
            name,
            "line " + number,
            "is no masked pixel",
            "Write one pixel a line, as x y or x y 1");
      }
      if (pixel.group(3) == null || Integer.parseInt(pixel.group(3)) != 0) {
        pixels.set(y * SIDE + x);
      }
    }
    return new PixelMask(pixels);
  }
}
