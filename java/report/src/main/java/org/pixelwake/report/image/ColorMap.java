package org.pixelwake.report.image;

import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pixelwake.report.page.Resources;

/// Colour maps of 256 steps, each monotonic in lightness but for the cyclic one.
///
/// Viridis and inferno are the published tables (S. van der Walt and N. Smith, CC0).
@SuppressWarnings("ImmutableEnumChecker") // the array is filled once and never handed out
public enum ColorMap {
  /// Black over red to pale yellow; for energies.
  INFERNO(published("inferno.hex")),
  /// Dark violet over green to yellow; for times and other signed or offset quantities.
  VIRIDIS(published("viridis.hex")),
  /// Black to white; for masks and probabilities.
  GRAY(i -> i * 0x010101),
  /// Light over orange, dark and blue back to light; for angles. It runs around the plane of
  /// lightness and blue to yellow, which people who confuse red and green see too.
  CYCLIC(ColorMap::around);

  /// Number of steps.
  static final int SIZE = 256;

  private final int[] colours;

  ColorMap(IntUnaryOperator colour) {
    colours = IntStream.range(0, SIZE).map(colour).toArray();
  }

  private static IntUnaryOperator published(String resource) {
    String hex = Resources.text(resource).replaceAll("\\s", "");
    return i -> Integer.parseInt(hex, 6 * i, 6 * i + 6, 16);
  }

  /// A circle in Oklab (B. Ottosson, "A perceptual color space for image processing", 2020).
  private static int around(int index) {
    double turn = 2 * Math.PI * index / SIZE;
    double lightness = 0.60 + 0.26 * Math.cos(turn);
    double redGreen = 0.045 * Math.sin(turn);
    double blueYellow = -0.01 + 0.115 * Math.sin(turn);
    double l = cube(lightness + 0.3963377774 * redGreen + 0.2158037573 * blueYellow);
    double m = cube(lightness - 0.1055613458 * redGreen - 0.0638541728 * blueYellow);
    double s = cube(lightness - 0.0894841775 * redGreen - 1.2914855480 * blueYellow);
    int red = encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    int green = encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    int blue = encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
  }

  private static double cube(double value) {
    return value * value * value;
  }

  /// Linear light to a byte of sRGB (IEC 61966-2-1).
  private static int encoded(double linear) {
    double value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
    return Math.clamp(Math.round(255 * value), 0, 255);
  }

  /// Step of a value in [0, 1]; values outside are clamped, NaN gives 0.
  public static int index(float value) {
    // Ties towards the next step; (int) of NaN is 0.
    return (int) Math.clamp(value * (SIZE - 1) + 0.5f, 0f, SIZE - 1f);
  }

  /// Colour of a value in [0, 1] as 0xRRGGBB; values outside are clamped, NaN gives the lowest.
  public int rgb(float value) {
    return colours[index(value)];
  }

  /// All steps as hexadecimal digits, six each.
  public String hex() {
    return Arrays.stream(colours)
        .mapToObj(colour -> String.format(Locale.ROOT, "%06x", colour))
        .collect(Collectors.joining());
  }

  IndexColorModel model() {
    return new IndexColorModel(8, SIZE, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
  }
}
