package org.pixelwake.report;

/// Square part of an image, so that a small track fills its picture.
///
/// @param left first column
/// @param top first row
/// @param width columns
/// @param height rows
record Crop(int left, int top, int width, int height) {
  /// Smaller pictures would blow single pixels up beyond recognition.
  private static final int MINIMUM = 16;

  /// The square around every value above 0 of the images, with a margin of an eighth, moved into
  /// the image where it sticks out.
  static Crop around(FloatImage... images) {
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

  FloatImage of(FloatImage image) {
    float[] values = new float[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        values[y * width + x] = image.at(left + x, top + y);
      }
    }
    return FloatImage.of(width, height, values);
  }
}
