package org.pixelwake.report.section;

import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.Crop;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Svg;

/// Reconstructions of held-out tracks over the training: all at one iteration, and track by track.
public final class GallerySection extends Section {
  private final Gallery gallery;

  public GallerySection(Gallery gallery) {
    super(
        "reconstructions",
        "Reconstructions over the training",
        gallery.tracks().isEmpty() || gallery.iterations().isEmpty());
    this.gallery = gallery;
  }

  @Override
  public void render(Html html) {
    String bars =
        Stream.of(ColorMap.INFERNO, ColorMap.VIRIDIS, ColorMap.GRAY)
            .map(GallerySection::gradient)
            .collect(Collectors.joining(";"));
    html.open("div", "class", "gallery", "style", bars);
    glance(html);
    html.element("h3", "Track by track");
    html.note(
        "Each table follows one held-out track from what the network saw (left) over what it"
            + " should return to what it returned at each evaluated iteration. "
            + gallery.explanation());
    key(html);
    for (int t = 0; t < gallery.tracks().size(); t++) {
      track(html, gallery.tracks().get(t), t + 1);
    }
    html.close("div");
  }

  /// Filled by script from the images of the tables, so that no image is in the file twice.
  private void glance(Html html) {
    int last = gallery.iterations().size() - 1;
    html.open("div", "id", "glance", "hidden", "");
    html.element("h3", "All tracks at one iteration");
    html.open("div", "class", "controls").slider("", last).close("div");
    html.note(
        "Move the slider (arrow keys work too) to see what the network returned at that iteration;"
            + " the name of a track leads to its table.");
    html.element("div", "", "class", "grid", "id", "grid");
    html.close("div");
    html.noscript("The slider needs script; the tables below hold all images.");
  }

  private static void key(Html html) {
    html.open("ul", "class", "bars");
    bar(html, "inferno", "energy, square-root scale, range given with each track");
    bar(html, "viridis", "time of arrival, 0 to the largest of the track");
    bar(html, "gray", "masks: probability 0 to 1");
    html.close("ul");
    html.note(
        "MSE: mean squared error of the normalised energy over the whole image. IoU: intersection"
            + " over union of mask and target at probability 0.5. Images are cut to the track, and"
            + " blocks of pixels averaged where more than "
            + Crop.DRAWN
            + " would be left on a side; values beyond a colour range are drawn in its end"
            + " colours.");
  }

  private static void bar(Html html, String map, String text) {
    html.open("li")
        .element("span", "", "class", "bar", "style", "background:var(--" + map + ")")
        .text(text)
        .close("li");
  }

  private void track(Html html, Track track, int number) {
    Crop crop =
        Crop.around(track.energy(), track.clusterMask(), track.inputEnergy(), track.inputAbove());
    float top = track.energy().maximum();
    String id = "track-" + number;
    html.open("article", "class", "track", "id", id, "aria-labelledby", id + "-name");
    html.open("div", "class", "track-head");
    html.element("h4", track.name(), "id", id + "-name");
    html.element("p", track.caption(), "class", "caption");
    scale(html, top);
    html.close("div");
    int columns = gallery.iterations().size() + 2;
    html.scroll(track.name());
    html.open("table", "class", "strip", "style", "--columns:" + columns);
    header(html);
    html.open("tbody");
    rows(html, track, crop, top);
    html.close("tbody").close("table").close("div").close("article").trusted("\n");
  }

  /// Colour bar of a track with its ends and the energy in the middle of the square-root scale.
  private void scale(Html html, float maximum) {
    double energy = gallery.fullScale() * maximum * maximum;
    String top = Numbers.withUnit(Numbers.rounded(energy, 3), gallery.energyUnit());
    String middle = Numbers.withUnit(Numbers.rounded(energy / 4, 3), gallery.energyUnit());
    html.open("div", "class", "scale").element("span", "0");
    html.element("span", "", "class", "bar", "style", "background:var(--inferno)");
    html.element("span", "%s (middle: %s)".formatted(top, middle)).close("div");
  }

  private void header(Html html) {
    html.open("thead").open("tr").element("td", "");
    heading(html, "Input", "as the network saw it");
    heading(html, "Target", "unmasked");
    List<Long> iterations = gallery.iterations();
    for (int i = 0; i < iterations.size(); i++) {
      String kind = i == iterations.size() - 1 ? "final iteration" : "iteration";
      heading(html, Numbers.of(iterations.get(i)), kind, "data-iteration", Integer.toString(i));
    }
    html.close("tr").close("thead");
  }

  private static void heading(Html html, String name, String kind, String... attributes) {
    html.open("th", Svg.join(new String[] {"scope", "col"}, attributes));
    html.text(name).element("small", kind).close("th");
  }

  private void rows(Html html, Track track, Crop crop, float top) {
    Cells energies = new Cells(html, track, crop, ColorMap.INFERNO, top);
    Cells masks = new Cells(html, track, crop, ColorMap.GRAY, 1);
    html.open("tr").element("th", "Energy", "scope", "row");
    energies.add(track.inputEnergy(), "input energy", "energy");
    outputs(energies, track.energy(), "energy", Track.Reconstruction::energy, GallerySection::mse);
    html.open("tr").element("th", "Cluster mask", "scope", "row");
    float latest = track.inputToa().maximum();
    if (latest > 0) {
      new Cells(html, track, crop, ColorMap.VIRIDIS, latest)
          .add(track.inputToa(), "input time of arrival", "time of arrival");
    } else {
      html.open("td").element("div", "no time of arrival in these data", "class", "none");
      html.close("td");
    }
    FloatImage cluster = track.clusterMask();
    outputs(masks, cluster, "cluster", Track.Reconstruction::clusterMask, GallerySection::iou);
    html.open("tr").element("th", "Threshold mask", "scope", "row");
    masks.add(track.inputAbove(), "input above-threshold map", "above threshold");
    FloatImage above = track.thresholdMask();
    outputs(masks, above, "threshold", Track.Reconstruction::thresholdMask, GallerySection::iou);
  }

  /// The target of a row and what the network returned at each iteration.
  private void outputs(
      Cells cells,
      FloatImage target,
      String kind,
      Function<Track.Reconstruction, FloatImage> part,
      BiFunction<FloatImage, FloatImage, String> score) {
    cells.add(target, "target, " + kind, "target", "data-target", kind);
    List<Track.Reconstruction> reconstructions = cells.track.reconstructions();
    for (int i = 0; i < reconstructions.size(); i++) {
      FloatImage image = part.apply(reconstructions.get(i));
      String caption = score.apply(image, target);
      String at = Numbers.of(gallery.iterations().get(i)) + ", " + caption;
      String[] place = {"data-iteration", Integer.toString(i), "data-kind", kind};
      cells.add(image, kind + " at iteration " + at, caption, place);
    }
    cells.html.close("tr");
  }

  private static String mse(FloatImage image, FloatImage target) {
    return "MSE " + Numbers.of(Numbers.rounded(image.meanSquaredError(target), 2));
  }

  private static String iou(FloatImage mask, FloatImage target) {
    return String.format(Locale.ROOT, "IoU %.3f", mask.intersectionOverUnion(target));
  }

  private static String gradient(ColorMap map) {
    return IntStream.rangeClosed(0, 16)
        .mapToObj(i -> String.format(Locale.ROOT, ",#%06x", map.rgb(i / 16f)))
        .collect(
            Collectors.joining(
                "", "--" + map.name().toLowerCase(Locale.ROOT) + ":linear-gradient(90deg", ")"));
  }

  /// Writes the cells of one row, all in the same colours.
  private record Cells(Html html, Track track, Crop crop, ColorMap map, float top) {
    void add(FloatImage image, String what, String caption, String... attributes) {
      String source = PngWriter.dataUri(PngWriter.encode(crop.of(image), map, 0, top));
      String alt = track.name() + ": " + what;
      html.open("td", attributes);
      html.empty("img", "src", source, "alt", alt, "width", "96", "height", "96");
      html.element("small", caption).close("td");
    }
  }
}
