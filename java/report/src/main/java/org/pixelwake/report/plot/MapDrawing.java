package org.pixelwake.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section.Drawing;
import org.pixelwake.report.section.Embeddings;

/// Draws a map of feature vectors for print, coloured by class or by a quantity.
public final class MapDrawing {
  private static final double LEGEND = 54;
  private static final int STEPS = 24;
  private static final String UNKNOWN = "#b9c0c7";

  private MapDrawing() {}

  /// @param colours null for classes
  static String draw(Embeddings data, Embeddings.PointMap map, @Nullable MapColours colours) {
    MapLayout layout = MapLayout.of(map);
    String by = colours == null ? "class" : colours.quantity().name();
    Svg svg = new Svg(MapLayout.WIDTH, MapLayout.HEIGHT + LEGEND, map.title() + " by " + by);
    String[] frame = Svg.look("fill=none;stroke=#c9cfd5");
    svg.rect(0.5, 0.5, MapLayout.WIDTH - 1, MapLayout.HEIGHT - 1, frame);
    if (colours == null) {
      classes(svg, data, layout);
    } else {
      quantity(svg, layout, colours);
    }
    pictures(svg, data, map, layout);
    svg.text(MapLayout.WIDTH / 2, MapLayout.HEIGHT - 7, map.xName(), "middle");
    svg.text(10, 18, map.yName(), "start");
    return svg.finish();
  }

  private static void classes(Svg svg, Embeddings data, MapLayout layout) {
    int[] labels = data.labels();
    double at = 6;
    double row = MapLayout.HEIGHT + 20;
    points(svg, layout, labels, -1, UNKNOWN);
    for (int c = 0; c < data.classes().size(); c++) {
      String colour = Svg.COLOURS.get(Svg.colour(c));
      points(svg, layout, labels, c, colour);
      double wide = Svg.width(data.classes().get(c), 12) + 34;
      if (at + wide > MapLayout.WIDTH) {
        at = 6;
        row += 20;
      }
      svg.circle(at + 5, row - 4, 4.5, "fill", colour);
      svg.text(at + 15, row, data.classes().get(c), "start", Svg.title());
      at += wide;
    }
  }

  private static void quantity(Svg svg, MapLayout layout, MapColours colours) {
    double[] values = colours.quantity().values();
    int[] steps = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      double share = colours.share(values[i]);
      steps[i] = Double.isNaN(share) ? -1 : (int) Math.min(STEPS - 1, share * STEPS);
    }
    points(svg, layout, steps, -1, UNKNOWN);
    double bar = 260.0 / STEPS;
    double row = MapLayout.HEIGHT + 12;
    String unit = colours.quantity().unit();
    String name = colours.quantity().name() + (unit.isEmpty() ? "" : " (" + unit + ")");
    svg.text(6, row + 11, name, "start", Svg.title());
    for (int s = 0; s < STEPS; s++) {
      String colour = String.format(Locale.ROOT, "#%06x", colours.map().rgb((s + 0.5f) / STEPS));
      points(svg, layout, steps, s, colour);
      svg.rect(300 + bar * s, row, bar + 0.3, 12, "fill", colour);
    }
    for (double share : new double[] {0, 0.5, 1}) {
      String text = Numbers.of(Numbers.rounded(colours.value(share), 2));
      svg.text(300 + 260 * share, row + 28, text, "middle");
    }
  }

  /// All points of a group as one path of dots: tens of bytes fewer a point than circles.
  private static void points(Svg svg, MapLayout layout, int[] groups, int group, String colour) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (groups[i] == group && Double.isFinite(layout.x()[i]) && Double.isFinite(layout.y()[i])) {
        path.append(String.format(Locale.ROOT, "M%.1f %.1fh.01", layout.x()[i], layout.y()[i]));
      }
    }
    String dots = "stroke=%s;stroke-width=4;stroke-linecap=round;fill=none;stroke-opacity=0.8";
    svg.path(path.toString(), Svg.look(dots, colour));
  }

  private static void pictures(
      Svg svg, Embeddings data, Embeddings.PointMap map, MapLayout layout) {
    int[] picks = map.picks();
    double size = MapLayout.PICTURE;
    for (int i = 0; i < picks.length; i++) {
      double x = layout.pickX()[i];
      double y = layout.pickY()[i];
      double toX = layout.x()[picks[i]];
      double toY = layout.y()[picks[i]];
      if (!Double.isFinite(toX) || !Double.isFinite(toY)) {
        continue;
      }
      String[] pointer = Svg.look("stroke=#1c2127;stroke-width=1.2");
      svg.line(x + size / 2, y + size / 2, toX, toY, pointer);
      svg.image(x, y, size, picture(data.tracks().get(picks[i])));
      int label = data.labels()[picks[i]];
      String colour = label < 0 ? UNKNOWN : Svg.COLOURS.get(Svg.colour(label));
      svg.rect(x, y, size, size, Svg.look("fill=none;stroke=%s;stroke-width=2", colour));
    }
  }

  /// The hits on a square, in the colours of energies on a square-root scale.
  private static String picture(SparseTrack track) {
    int right = Arrays.stream(track.x()).max().orElse(0);
    int bottom = Arrays.stream(track.y()).max().orElse(0);
    int side = Math.max(right, bottom) + 1;
    int size = Math.max(8, side + 2 * Math.max(1, side / 8));
    float[] values = new float[size * size];
    int left = (size - 1 - right) / 2;
    int top = (size - 1 - bottom) / 2;
    for (int i = 0; i < track.size(); i++) {
      float value = (float) Math.sqrt(Math.max(0, track.energy()[i]));
      values[(top + track.y()[i]) * size + left + track.x()[i]] = value;
    }
    FloatImage image = FloatImage.of(size, size, values);
    return PngWriter.dataUri(PngWriter.encode(image, ColorMap.INFERNO, 0, image.maximum()));
  }

  /// Ids of the files of a map: by class, and by every quantity.
  public static List<Drawing> all(Embeddings data, Embeddings.PointMap map) {
    List<Drawing> drawings = new ArrayList<>();
    drawings.add(new Drawing(map.id(), map.title(), draw(data, map, null)));
    for (Embeddings.Quantity quantity : data.quantities()) {
      String name = quantity.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
      String title = map.title() + " by " + quantity.name();
      String svg = draw(data, map, MapColours.of(quantity));
      drawings.add(new Drawing(map.id() + "-by-" + name, title, svg));
    }
    return drawings;
  }
}
