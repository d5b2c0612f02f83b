package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Html;

/// Draws SVG that is right in two places: its attributes hold the colours of print, on white, and
/// its classes let the style sheet of a page replace them, so that a page can be dark. Units are
/// pixels of the drawing.
public final class Svg {
  /// Colours of lines in print, after M. Okabe and K. Ito ("Color Universal Design", 2008), whose
  /// yellow is replaced: it cannot be read on white. The style sheet has as many.
  public static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#b6528c", "#b07d00", "#56a5d8", "#3a3f45", "#8c4a2f");

  /// Dashes; with the colours they tell 32 lines apart, also without colour.
  private static final List<String> DASHES = List.of("", "7 3", "2.5 2.5", "10 3 2.5 3");

  // Without spaces behind the commas: JSVG takes them for a part of the name.
  private static final String FONT = "Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif";

  /// Mean width of a character, as a share of the size of the letters.
  private static final double CHARACTER = 0.56;

  /// Half the size of a point.
  private static final double MARK = 3.6;

  private final Html html = new Html();

  private Svg() {}

  /// A drawing for the page alone, which takes its width from there and all colours from the style
  /// sheet.
  ///
  /// @param style its class
  /// @param label what a screen reader says of it
  public static Svg inPage(String style, double width, double height, String label) {
    Svg svg = new Svg();
    String box = "0 0 " + px(width) + " " + px(height);
    svg.html.open("svg", "class", style, "viewBox", box, "role", "img", "aria-label", label);
    return svg;
  }

  /// @param label what a screen reader says of it
  public Svg(double width, double height, String label) {
    String[] frame =
        look(
            "class=drawing;viewBox=0 0 %1$s %2$s;width=%1$s;height=%2$s;font-family=%3$s;font-size=12",
            px(width), px(height), FONT);
    String[] named = join(frame, "role", "group", "aria-label", label);
    html.open("svg", join(new String[] {"xmlns", "http://www.w3.org/2000/svg"}, named));
    rect(0, 0, width, height, look("class=paper;fill=#ffffff"));
  }

  /// How a thing is coloured that belongs to a series: class and dash are followed by attributes.
  public static int colour(int series) {
    return Math.floorMod(series, COLOURS.size());
  }

  /// Attributes of an element.
  ///
  /// @param pairs such as "class=axis;stroke=#4a525b", with places for the values
  @SuppressWarnings("AnnotateFormatMethod") // its annotation is of no library of this module
  static String[] look(String pairs, Object... values) {
    return String.format(Locale.ROOT, pairs, values).split("[=;]", -1);
  }

  /// Attributes of a line of a series.
  static String[] stroke(int series, double width) {
    return join(bar(series, px(width)), "fill", "none", "stroke-linejoin", "round");
  }

  /// Attributes of a line that its dashes tell from others too.
  static String[] dashed(int series, double width) {
    String dash = DASHES.get(Math.floorMod(series + series / COLOURS.size(), DASHES.size()));
    String[] solid = stroke(series, width);
    return dash.isEmpty() ? solid : join(solid, "stroke-dasharray", dash);
  }

  /// Attributes of an area or point of a series.
  public static String[] fill(int series, double opacity) {
    int colour = colour(series);
    return look("class=f c%d;fill=%s;fill-opacity=%.2f", colour, COLOURS.get(colour), opacity);
  }

  /// Attributes of a bar of an interval.
  public static String[] bar(int series, String width) {
    int colour = colour(series);
    return look("class=s c%d;stroke=%s;stroke-width=%s", colour, COLOURS.get(colour), width);
  }

  /// A text cut to about a width.
  public static String cut(String text, double width) {
    int longest = Math.max(3, (int) (width / width("m", 12)));
    return text.length() > longest ? text.substring(0, longest - 1) + "…" : text;
  }

  public static String[] join(String[] a, String... b) {
    String[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /// Estimated width of a text.
  public static double width(String text, double size) {
    return text.length() * size * CHARACTER;
  }

  /// Estimated width of the longest of some names, but within limits.
  public static double widest(Stream<String> names, double least, double most) {
    return Math.clamp(names.mapToDouble(name -> width(name, 12)).max().orElse(0), least, most);
  }

  /// Two decimals are finer than any screen.
  static String px(double value) {
    Arguments.check(Double.isFinite(value), "a place in a drawing is %s", value);
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
  }

  public Svg open(String... attributes) {
    html.open("g", attributes);
    return this;
  }

  public Svg close() {
    html.close("g");
    return this;
  }

  public Svg line(double x1, double y1, double x2, double y2, String... attributes) {
    return shape("line", attributes, "x1", px(x1), "y1", px(y1), "x2", px(x2), "y2", px(y2));
  }

  /// A horizontal bar of an interval, with a tip at each end.
  public Svg interval(double from, double to, double y, double tip, String... look) {
    line(from, y, to, y, look).line(from, y - tip, from, y + tip, look);
    return line(to, y - tip, to, y + tip, look);
  }

  public Svg rect(double x, double y, double width, double height, String... attributes) {
    return shape("rect", attributes, box(x, y, width, height));
  }

  public Svg circle(double x, double y, double radius, String... attributes) {
    return shape("circle", attributes, "cx", px(x), "cy", px(y), "r", px(radius));
  }

  Svg path(String d, String... attributes) {
    return d.isEmpty() ? this : shape("path", attributes, "d", d);
  }

  Svg image(double x, double y, double size, String source) {
    String[] look = {"href", source, "style", "image-rendering:pixelated"};
    return shape("image", look, box(x, y, size, size));
  }

  private Svg shape(String tag, String[] attributes, String... places) {
    html.element(tag, "", join(places, attributes));
    return this;
  }

  /// A rectangle with a text that is shown where the pointer rests.
  public Svg titled(
      String text, double x, double y, double width, double height, String... attributes) {
    html.open("rect", join(box(x, y, width, height), attributes)).element("title", text);
    html.close("rect");
    return this;
  }

  private static String[] box(double x, double y, double width, double height) {
    return look("x=%s;y=%s;width=%s;height=%s", px(x), px(y), px(width), px(height));
  }

  /// @param anchor "start", "middle" or "end"
  public Svg text(double x, double y, String text, String anchor, String... attributes) {
    String[] look = attributes.length > 0 ? attributes : look("class=label;fill=#4a525b");
    String[] place = {"x", px(x), "y", px(y), "text-anchor", anchor};
    html.element("text", text, join(place, look));
    return this;
  }

  /// Text from the bottom to the top.
  public Svg upright(double x, double y, String text) {
    String[] turned =
        look("transform=translate(%s %s) rotate(-90);text-anchor=middle", px(x), px(y));
    html.element("text", text, join(turned, title()));
    return this;
  }

  public static String[] title() {
    return look("class=title;fill=#1c2127");
  }

  public static String[] grid() {
    return look("class=grid;stroke=#dfe3e7;stroke-width=1");
  }

  public static String[] axis() {
    return look("class=axis;stroke=#4a525b;stroke-width=1");
  }

  static String[] guide() {
    return look("class=guide;stroke=#7a848e;stroke-width=1.3;stroke-dasharray=5 4;fill=none");
  }

  /// Joined points; a point that is not finite interrupts the line.
  static String polyline(double[] x, double[] y) {
    List<String> parts = new ArrayList<>();
    boolean pen = false;
    for (int i = 0; i < x.length; i++) {
      boolean finite = Double.isFinite(x[i]) && Double.isFinite(y[i]);
      if (finite) {
        parts.add((pen ? "L" : "M") + px(x[i]) + " " + px(y[i]));
      }
      pen = finite;
    }
    return String.join("", parts);
  }

  /// Draws a point of a series; its shape tells series apart without colour.
  public void mark(double x, double y, int series) {
    String[] fill = fill(series, 1);
    switch (Math.floorMod(series + series / COLOURS.size(), 4)) {
      case 0 -> circle(x, y, MARK, fill);
      case 1 -> rect(x - MARK * 0.9, y - MARK * 0.9, MARK * 1.8, MARK * 1.8, fill);
      case 2 -> path(polygon(x, y, 3, -90, 1.25 * MARK), fill);
      default -> path(polygon(x, y, 4, 0, 1.2 * MARK), fill);
    }
  }

  private static String polygon(double x, double y, int corners, double turn, double radius) {
    double[] xs = new double[corners];
    double[] ys = new double[corners];
    for (int i = 0; i < corners; i++) {
      double angle = Math.toRadians(turn + 360.0 * i / corners);
      xs[i] = x + radius * Math.cos(angle);
      ys[i] = y + radius * Math.sin(angle);
    }
    return polyline(xs, ys) + "Z";
  }

  public String finish() {
    html.close("svg");
    return html.finish();
  }
}
