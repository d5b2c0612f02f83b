package org.pixelwake.report.image;

import java.util.Base64;

/// Square part of an image, so that a small track fills its picture.
///
/// @param left first column
/// @param top first row
/// @param width columns
/// @param height rows
public record Crop(int left, int top, int width, int height) {
  /// Smaller pictures would blow single pixels up beyond recognition.
  private static final int MINIMUM = 16;

  /// Largest side drawn, more than a page shows; the noise of early iterations compresses badly.
  public static final int DRAWN = 160;

  private static final int SMALL = 64;

  /// The square around every value above 0 of the images, with a margin of an eighth, moved into
  /// the image where it sticks out.
  public static Crop around(FloatImage... images) {
    int width = images[0].width();
    int height = images[0].height();
    int left = width;
    int top = height;
    int right = -1;
    int bottom = -1;
    for (FloatImage image : images) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          if (image.at(x, y) > 0) {
            left = Math.min(left, x);
            right = Math.max(right, x);
            top = Math.min(top, y);
            bottom = Math.max(bottom, y);
          }
        }
      }
    }
    if (right < 0) {
      return new Crop(0, 0, width, height);
    }
    int extent = Math.max(right - left, bottom - top) + 1;
    int side = Math.max(MINIMUM, extent + 2 * Math.max(3, extent / 8));
    return new Crop(
        start(left, right, side, width),
        start(top, bottom, side, height),
        Math.min(side, width),
        Math.min(side, height));
  }

  private static int start(int first, int last, int side, int size) {
    int start = first + (last - first + 1 - side) / 2;
    return Math.clamp(start, 0, Math.max(0, size - side));
  }

  /// The part of an image, with square blocks averaged where it would exceed [#DRAWN].
  public FloatImage of(FloatImage image) {
    return of(image, DRAWN);
  }

  /// The part of an image as a small PNG file in Base64, for pages with hundreds of them.
  public String small(FloatImage image, ColorMap map, float top) {
    byte[] png = PngWriter.encode(of(image, SMALL), map, 0, top);
    return Base64.getEncoder().encodeToString(png);
  }

  private FloatImage of(FloatImage image, int largest) {
    int block = Math.ceilDiv(Math.max(width, height), largest);
    int columns = Math.ceilDiv(width, block);
    int rows = Math.ceilDiv(height, block);
    float[] values = new float[columns * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = mean(image, i % columns * block, i / columns * block, block);
    }
    return FloatImage.of(columns, rows, values);
  }

  private float mean(FloatImage image, int fromX, int fromY, int block) {
    int toX = Math.min(fromX + block, width);
    int toY = Math.min(fromY + block, height);
    double sum = 0;
    for (int y = fromY; y < toY; y++) {
      for (int x = fromX; x < toX; x++) {
        sum += image.at(left + x, top + y);
      }
    }
    return (float) (sum / ((toX - fromX) * (toY - fromY)));
  }
}
