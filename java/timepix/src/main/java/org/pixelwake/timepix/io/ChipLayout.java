package org.pixelwake.timepix.io;

/// Arrangement of chips of a data-driven source.
public enum ChipLayout {
  /// Read off the file: a quad where it names a second chip or a pixel beyond 256 x 256.
  AUTO,
  /// One chip, 256 x 256 pixels.
  SINGLE,
  /// Four chips, 512 x 512 pixels.
  QUAD
}
