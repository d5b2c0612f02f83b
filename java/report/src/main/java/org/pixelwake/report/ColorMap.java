package org.pixelwake.report;

import java.awt.image.IndexColorModel;

/// Colour maps of 256 steps, each monotonic in lightness.
///
/// Viridis and inferno are the published tables (S. van der Walt and N. Smith, CC0).
@SuppressWarnings("ImmutableEnumChecker") // the arrays are filled once and never handed out
public enum ColorMap {
  /// Black over red to pale yellow; for energies.
  INFERNO("inferno.hex"),
  /// Dark violet over green to yellow; for times and other signed or offset quantities.
  VIRIDIS("viridis.hex"),
  /// Black to white; for masks and probabilities.
  GRAY("");

  /// Number of steps.
  static final int SIZE = 256;

  private final byte[] red = new byte[SIZE];
  private final byte[] green = new byte[SIZE];
  private final byte[] blue = new byte[SIZE];

  ColorMap(String resource) {
    if (resource.isEmpty()) {
      for (int i = 0; i < SIZE; i++) {
        set(i, i, i, i);
      }
      return;
    }
    String hex = Resources.text(resource).replaceAll("\\s", "");
    for (int i = 0; i < SIZE; i++) {
      int rgb = Integer.parseInt(hex, 6 * i, 6 * i + 6, 16);
      set(i, rgb >> 16, rgb >> 8, rgb);
    }
  }

  private void set(int index, int r, int g, int b) {
    red[index] = (byte) r;
    green[index] = (byte) g;
    blue[index] = (byte) b;
  }

  /// Step of a value in [0, 1]; values outside are clamped, NaN gives 0.
  public static int index(float value) {
    // Ties towards the next step; (int) of NaN is 0.
    return (int) Math.clamp(value * (SIZE - 1) + 0.5f, 0f, SIZE - 1f);
  }

  /// Colour of a value in [0, 1] as 0xRRGGBB; values outside are clamped, NaN gives the lowest.
  public int rgb(float value) {
    int i = index(value);
    return (red[i] & 0xff) << 16 | (green[i] & 0xff) << 8 | (blue[i] & 0xff);
  }

  IndexColorModel model() {
    return new IndexColorModel(8, SIZE, red, green, blue);
  }
}
