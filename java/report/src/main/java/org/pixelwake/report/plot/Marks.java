package org.pixelwake.report.plot;

/// Shapes of points, so that variations differ without colour too.
public final class Marks {
  private static final double SIZE = 3.6;

  private Marks() {}

  /// Draws the mark of a series.
  public static void draw(Svg svg, double x, double y, int number) {
    String[] fill = Svg.fill(number, 1);
    switch (Math.floorMod(number + number / Svg.COLOURS.size(), 4)) {
      case 0 -> svg.circle(x, y, SIZE, fill);
      case 1 -> svg.rect(x - SIZE * 0.9, y - SIZE * 0.9, SIZE * 1.8, SIZE * 1.8, fill);
      case 2 -> svg.path(polygon(x, y, 3, -90, 1.25), fill);
      default -> svg.path(polygon(x, y, 4, 0, 1.2), fill);
    }
  }

  private static String polygon(double x, double y, int corners, double turn, double scale) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < corners; i++) {
      double angle = Math.toRadians(turn + 360.0 * i / corners);
      path.append(i == 0 ? "M" : "L")
          .append(Svg.px(x + scale * SIZE * Math.cos(angle)))
          .append(' ')
          .append(Svg.px(y + scale * SIZE * Math.sin(angle)));
    }
    return path.append('Z').toString();
  }
}
