package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.pixelwake.report.page.Numbers;

/// Places values along an axis of a drawing, with ticks at round numbers.
///
/// @param low value at `from`
/// @param high value at `to`
/// @param log whether places follow the logarithm
/// @param from pixel of the lower end
/// @param to pixel of the upper end
public record AxisScale(double low, double high, boolean log, double from, double to) {
  private static final int TICKS = 6;

  /// An axis that holds the values, with a margin on either side where its ends are not given.
  ///
  /// @param least smallest value, or infinite where there is none
  /// @param greatest largest value
  public static AxisScale fit(
      Figure.Axis axis, double least, double greatest, double from, double to) {
    boolean empty = !(least <= greatest);
    double low = empty ? axis.log() ? 0.1 : 0 : least;
    double high = empty ? 1 : greatest;
    if (axis.log()) {
      double factor = low == high ? 2 : Math.pow(high / low, 0.04);
      low /= factor;
      high *= factor;
    } else {
      double margin = low == high ? Math.max(Math.abs(low) * 0.1, 0.5) : (high - low) * 0.04;
      // An axis of positive values does not begin below zero for a margin's sake.
      low = low >= 0 && low < margin ? 0 : low - margin;
      high += margin;
    }
    double first = Objects.requireNonNullElse(axis.low(), low);
    double last = Objects.requireNonNullElse(axis.high(), high);
    return new AxisScale(first, last > first ? last : first + 1, axis.log(), from, to);
  }

  /// An axis that holds the finite values, on a logarithmic axis the positive ones among them.
  public static AxisScale fit(Figure.Axis axis, DoubleStream values, double from, double to) {
    var range =
        values.filter(v -> Double.isFinite(v) && (v > 0 || !axis.log())).summaryStatistics();
    return fit(axis, range.getMin(), range.getMax(), from, to);
  }

  /// Pixel of a value; not finite where the value is not, or has no logarithm.
  public double at(double value) {
    if (log) {
      return value > 0
          ? from + Math.log(value / low) / Math.log(high / low) * (to - from)
          : Double.NaN;
    }
    return from + (value - low) / (high - low) * (to - from);
  }

  /// As [#at], moved into the axis.
  public double inside(double value) {
    double place = at(value);
    return Math.clamp(place, Math.min(from, to), Math.max(from, to));
  }

  /// Draws the lines of a horizontal axis, with their values below.
  public void draw(Svg svg, double top, double bottom) {
    for (double tick : ticks()) {
      svg.line(at(tick), top, at(tick), bottom, Svg.grid());
      svg.text(at(tick), bottom + 17, label(tick), "middle");
    }
  }

  public List<Double> ticks() {
    return log ? logarithmic() : linear();
  }

  private List<Double> linear() {
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double share = rough / power;
    double step = (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private List<Double> logarithmic() {
    double decades = Math.log10(high / low);
    int[] kept =
        decades > 3 ? new int[] {1} : decades > 1.2 ? new int[] {1, 3} : new int[] {1, 2, 3, 5, 7};
    int every = (int) Math.max(1, Math.ceil(decades / 8));
    List<Double> ticks = new ArrayList<>();
    for (int e = (int) Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (int m : kept) {
        double value = m * Math.pow(10, e);
        if (e % every == 0 && value >= low * 0.9999 && value <= high * 1.0001) {
          ticks.add(value);
        }
      }
    }
    return ticks;
  }

  /// Text of a tick; rounding hides what binary fractions add.
  public static String label(double tick) {
    if (Math.abs(tick) >= 1e4 && Math.abs(tick) < 1e6 && tick == Math.rint(tick)) {
      return Numbers.of((long) tick);
    }
    return Numbers.of(tick).replace("1 × 10", "10");
  }
}
