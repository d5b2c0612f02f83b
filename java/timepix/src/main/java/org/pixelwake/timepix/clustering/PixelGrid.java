package org.pixelwake.timepix.clustering;

import org.pixelwake.timepix.io.HitBlock;

/// The pixels of a sensor with a border of one pixel around, so that each has eight neighbours.
///
/// @param width columns of the sensor
/// @param height rows of the sensor
record PixelGrid(int width, int height) {
  /// Cells from a pixel to the one above it.
  int stride() {
    return width + 2;
  }

  /// Number of cells, the border's included.
  int cells() {
    return stride() * (height + 2);
  }

  /// Cell of a pixel as [HitBlock] numbers it.
  int cell(int pixel) {
    int row = pixel >>> HitBlock.COLUMN_BITS;
    int column = pixel & (1 << HitBlock.COLUMN_BITS) - 1;
    return (row + 1) * stride() + column + 1;
  }
}
