package org.pixelwake.report.section;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.Crop;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.MapColours;
import org.pixelwake.report.plot.MapDrawing;
import org.pixelwake.report.plot.MapLayout;

/// Maps of feature vectors, drawn by script on canvases: hits of thousands of tracks as sparse
/// lists.
public final class MapSection extends Section {
  private final Embeddings data;

  public MapSection(Embeddings data) {
    super("maps", "Maps of the features", data.maps().isEmpty());
    this.data = data;
  }

  /// Steps of places, of 16 bits; the last is for a point that has none.
  private static final int PLACES = 65534;

  private static final int BYTE = 255;

  @Override
  public List<Drawing> drawings() {
    return data.maps().stream().flatMap(map -> MapDrawing.all(data, map).stream()).toList();
  }

  @Override
  public void render(Html html) {
    html.note(
        "Each point is a cluster; points that lie close have similar feature vectors. Small pictures"
            + " are clusters picked by k-means, at their place. "
            + data.explanation()
            + " Point at a map, or focus it and use the arrow keys, to see the track of the nearest"
            + " point; a click or Enter pins it and shows its reconstruction where there is one.");
    html.noscript("The maps are drawn by script. The folder figures has them as files.");
    html.open("div", "class", "atlas", "id", "atlas", "hidden", "");
    html.open("div", "class", "atlas-side").open("div", "class", "controls");
    html.element("label", "Colour by", "for", "map-colour");
    html.open("select", "id", "map-colour").element("option", "Class", "value", "-1");
    for (int q = 0; q < data.quantities().size(); q++) {
      html.element("option", data.quantities().get(q).name(), "value", Integer.toString(q));
    }
    html.close("select").close("div");
    html.element("div", "", "id", "map-legend", "class", "map-legend");
    html.element("div", "", "id", "map-track", "class", "map-track");
    html.element("p", "", "id", "map-says", "class", "unseen", "aria-live", "polite");
    html.close("div");
    html.open("div", "class", "map-grid");
    for (Embeddings.PointMap map : data.maps()) {
      map(html, map);
    }
    html.close("div").close("div");
    html.data("id", "map-data", json());
  }

  private void map(Html html, Embeddings.PointMap map) {
    String id = map.id();
    html.open("figure", "class", "chart", "id", id, "aria-labelledby", id + "-h");
    html.open("div", "class", "chart-head").element("h3", map.title(), "id", id + "-h");
    String clusters = Numbers.of((long) data.tracks().size());
    String keys = " clusters. Arrow keys go from point to point, Enter pins.";
    html.close("div");
    html.element(
        "canvas", "",
        "class", "map",
        "data-map", id,
        "tabindex", "0",
        "role", "application",
        "aria-roledescription", "map",
        "aria-label", map.title() + ", " + clusters + keys);
    html.element("figcaption", map.explanation()).close("figure").trusted("\n");
  }

  private String json() {
    Map<String, Object> all =
        Json.object(
            "count", data.tracks().size(),
            "width", MapLayout.WIDTH,
            "height", MapLayout.HEIGHT,
            "picture", MapLayout.PICTURE,
            "unit", data.energyUnit(),
            "classes", data.classes(),
            "labels", labels(),
            "viridis", ColorMap.VIRIDIS.hex(),
            "inferno", ColorMap.INFERNO.hex(),
            "cyclic", ColorMap.CYCLIC.hex(),
            "quantities", data.quantities().stream().map(MapSection::quantity).toList());
    all.putAll(tracks());
    all.put("maps", data.maps().stream().map(MapSection::places).toList());
    Map<Integer, List<String>> compared = new TreeMap<>();
    data.reconstructions().forEach((index, one) -> compared.put(index, pictures(one)));
    all.put("compared", compared);
    return Json.text(all);
  }

  private String labels() {
    int[] labels = data.labels();
    return packed(
        labels.length,
        bytes -> {
          Arrays.stream(labels).forEach(label -> bytes.put((byte) label));
        });
  }

  private static Map<String, Object> quantity(Embeddings.Quantity quantity) {
    MapColours colours = MapColours.of(quantity);
    return Json.object(
        "name", quantity.name(),
        "unit", quantity.unit(),
        "scale", quantity.scale().name(),
        "ends", new double[] {colours.low(), colours.high()},
        "values", floats(quantity.values()));
  }

  /// Counts as 16 bits; then for every hit its column, row, and the root of its share of the
  /// largest energy of its track; and these largest energies.
  private Map<String, Object> tracks() {
    int n = data.tracks().size();
    ByteBuffer counts = ByteBuffer.allocate(2 * n).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream hits = new ByteArrayOutputStream();
    double[] largest = new double[n];
    for (int t = 0; t < n; t++) {
      SparseTrack track = data.tracks().get(t);
      int[] x = track.x();
      int[] y = track.y();
      float[] energy = track.energy();
      int size = Math.min(track.size(), 0xffff);
      counts.putShort((short) size);
      for (int i = 0; i < size; i++) {
        largest[t] = Math.max(largest[t], energy[i]);
      }
      for (int i = 0; i < size; i++) {
        double share = largest[t] > 0 && energy[i] > 0 ? Math.sqrt(energy[i] / largest[t]) : 0;
        hits.write(x[i]);
        hits.write(y[i]);
        hits.write((int) Math.max(1, Math.round(BYTE * share)));
      }
    }
    return Json.object(
        "counts", base64(counts.array()),
        "hits", base64(hits.toByteArray()),
        "largest", floats(largest));
  }

  private static Map<String, Object> places(Embeddings.PointMap map) {
    MapLayout layout = MapLayout.of(map);
    return Json.object(
        "id", map.id(),
        "title", map.title(),
        "xName", map.xName(),
        "yName", map.yName(),
        "x", places(layout.x(), MapLayout.WIDTH),
        "y", places(layout.y(), MapLayout.HEIGHT),
        "picks", map.picks(),
        "pickX", layout.pickX(),
        "pickY", layout.pickY());
  }

  private static List<String> pictures(Embeddings.Compared compared) {
    Crop crop = Crop.around(compared.input());
    float top = compared.input().maximum();
    Track.Reconstruction output = compared.output();
    return List.of(
        crop.small(compared.input(), ColorMap.INFERNO, top),
        crop.small(output.energy(), ColorMap.INFERNO, top),
        crop.small(output.clusterMask(), ColorMap.GRAY, 1),
        crop.small(output.thresholdMask(), ColorMap.GRAY, 1));
  }

  private static String places(double[] values, double size) {
    return packed(
        2 * values.length,
        bytes -> {
          for (double value : values) {
            long place = Double.isFinite(value) ? Math.round(value / size * PLACES) : PLACES + 1;
            bytes.putShort((short) place);
          }
        });
  }

  private static String floats(double[] values) {
    return packed(
        4 * values.length,
        bytes -> {
          Arrays.stream(values).forEach(value -> bytes.putFloat((float) value));
        });
  }

  private static String packed(int size, Consumer<ByteBuffer> content) {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    content.accept(bytes);
    return base64(bytes.array());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
