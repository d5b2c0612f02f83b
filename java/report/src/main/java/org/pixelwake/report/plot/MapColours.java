package org.pixelwake.report.plot;

import java.util.Arrays;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.section.Embeddings;

/// Colours of the points of a map by one quantity.
///
/// @param quantity by which
/// @param low value of the first colour
/// @param high value of the last colour
public record MapColours(Embeddings.Quantity quantity, double low, double high) {
  /// Shares of the values below the first colour and above the last; a few extreme ones would leave
  /// the others one colour.
  private static final double TAIL = 0.01;

  public static MapColours of(Embeddings.Quantity quantity) {
    if (quantity.scale() == Embeddings.Scale.CYCLIC) {
      return new MapColours(quantity, 0, 360);
    }
    boolean log = quantity.scale() == Embeddings.Scale.LOGARITHMIC;
    double[] sorted =
        Arrays.stream(quantity.values())
            .filter(v -> Double.isFinite(v) && (!log || v > 0))
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return new MapColours(quantity, log ? 1 : 0, log ? 10 : 1);
    }
    int cut = (int) (TAIL * sorted.length);
    double low = sorted[cut];
    double high = sorted[sorted.length - 1 - cut];
    return new MapColours(quantity, low, high > low ? high : log ? low * 2 : low + 1);
  }

  ColorMap map() {
    return quantity.scale() == Embeddings.Scale.CYCLIC ? ColorMap.CYCLIC : ColorMap.VIRIDIS;
  }

  /// Place of a value between the colours, 0 to 1; NaN where it has none.
  public double share(double value) {
    return switch (quantity.scale()) {
      case LINEAR -> Math.clamp((value - low) / (high - low), 0.0, 1.0);
      case LOGARITHMIC ->
          value > 0
              ? Math.clamp(Math.log(value / low) / Math.log(high / low), 0.0, 1.0)
              : Double.NaN;
      case CYCLIC -> value / 360 - Math.floor(value / 360);
    };
  }

  /// Value at a place between the colours.
  double value(double share) {
    return quantity.scale() == Embeddings.Scale.LOGARITHMIC
        ? low * Math.pow(high / low, share)
        : low + share * (high - low);
  }
}
