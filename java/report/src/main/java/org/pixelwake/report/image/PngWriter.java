package org.pixelwake.report.image;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.pixelwake.base.AtomicFile;

/// Encodes images of one channel as PNG with the 256 colours of a colour map.
public final class PngWriter {
  /// Begin of the addresses of [#dataUri].
  public static final String DATA_URI = "data:image/png;base64,";

  private PngWriter() {}

  /// @param image values; `low` gets the first colour and `high` the last, values outside are
  ///   clamped
  /// @param low value of the first colour
  /// @param high value of the last colour; where it does not exceed `low`, all get the first colour
  /// @return the bytes of a PNG file with a palette of 8 bits
  public static byte[] encode(FloatImage image, ColorMap map, float low, float high) {
    BufferedImage indexed =
        new BufferedImage(
            image.width(), image.height(), BufferedImage.TYPE_BYTE_INDEXED, map.model());
    WritableRaster raster = indexed.getRaster();
    float scale = high > low ? 1 / (high - low) : 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        raster.setSample(x, y, 0, ColorMap.index((image.at(x, y) - low) * scale));
      }
    }
    return encode(indexed);
  }

  /// Writes [#encode] to a file, replacing it atomically.
  public static void write(Path file, FloatImage image, ColorMap map, float low, float high)
      throws IOException {
    AtomicFile.write(file, encode(image, map, low, high));
  }

  /// `data:` address of a PNG file, for HTML.
  public static String dataUri(byte[] png) {
    return DATA_URI + Base64.getEncoder().encodeToString(png);
  }

  static byte[] encode(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // A memory stream of our own: ImageIO would make a temporary file for every image.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this Java runtime has no PNG encoder (java.desktop)");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("PNG encoding in memory", e);
    }
    return bytes.toByteArray();
  }
}
