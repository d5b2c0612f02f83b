package org.pixelwake.report.section;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.Crop;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.Svg;

/// Reconstructions over the iterations, with the mask heads and without: one card a track, all at
/// the same iteration. The page shows the last one; script shows the others.
public final class ComparisonSection extends Section {
  /// The pictures of a card that change.
  private static final List<String> SLOTS =
      List.of("without masks", "with masks", "cluster mask", "threshold mask");

  private final MaskComparison comparison;
  private final List<Figure> curves;

  public ComparisonSection(MaskComparison comparison) {
    super(
        "reconstructions",
        "Reconstructions with and without mask heads",
        comparison.tracks().isEmpty());
    this.comparison = comparison;
    curves = Stream.ofNullable(comparison.sharpness()).toList();
  }

  @Override
  public List<Drawing> drawings() {
    return DiagramSection.drawings(curves, new Palette());
  }

  @Override
  public void render(Html html) {
    html.note(
        "What two networks return of the same held-out tracks, one trained with the mask heads and"
            + " one without. Energies are in the colours of the target. "
            + comparison.explanation());
    if (!curves.isEmpty()) {
      DiagramSection.render(html, curves, new Palette());
    }
    html.open("div", "class", "controls", "id", "pair-controls", "hidden", "");
    html.slider("pair-", comparison.iterations().size() - 1).close("div");
    html.noscript("The slider needs script; shown is the last iteration.");
    html.open("ul", "class", "pairs", "id", "pairs");
    for (int t = 0; t < comparison.tracks().size(); t++) {
      card(html, comparison.tracks().get(t), t);
    }
    html.close("ul");
    html.data("id", "pair-data", json());
  }

  private void card(Html html, MaskComparison.Pair pair, int number) {
    int last = comparison.iterations().size() - 1;
    html.open("li", "class", "mini pair", "id", "pair-" + (number + 1));
    html.open("div", "class", "caption").element("h3", pair.name());
    html.element("span", pair.caption()).close("div");
    html.open("div", "class", "row");
    Crop crop = Crop.around(pair.energy(), pair.input());
    float top = pair.energy().maximum();
    double energy = comparison.fullScale() * top * top;
    List<String> sources = sources(pair, last);
    String scale = "≤ " + Numbers.withUnit(Numbers.rounded(energy, 2), comparison.energyUnit());
    cell(html, pair, "input", crop.small(pair.input(), ColorMap.INFERNO, top), "");
    cell(html, pair, "target", crop.small(pair.energy(), ColorMap.INFERNO, top), scale);
    for (int s = 0; s < SLOTS.size(); s++) {
      String sharp = s < 2 ? sources.get(SLOTS.size() + s) : "";
      cell(html, pair, SLOTS.get(s), sources.get(s), sharp, "data-slot", Integer.toString(s));
    }
    html.close("div").close("li").trusted("\n");
  }

  private static void cell(
      Html html,
      MaskComparison.Pair pair,
      String label,
      String source,
      String number,
      String... slot) {
    String[] image = {"src", PngWriter.DATA_URI + source, "alt", pair.name() + ": " + label};
    String[] size = Svg.join(new String[] {"width", "96", "height", "96"}, slot);
    html.open("div", "class", "cell").empty("img", Svg.join(image, size)).element("small", label);
    if (!number.isEmpty()) {
      html.element("small", number, "class", "sharp");
    }
    html.close("div");
  }

  private static String sharpness(double value) {
    return Double.isFinite(value) ? "sharpness " + Numbers.of(Numbers.rounded(value, 3)) : "";
  }

  private String json() {
    return Json.text(
        Json.object(
            "iterations", comparison.iterations().stream().map(Numbers::of).toList(),
            "tracks", comparison.tracks().stream().map(this::track).toList()));
  }

  private List<List<String>> track(MaskComparison.Pair pair) {
    return IntStream.range(0, comparison.iterations().size())
        .mapToObj(i -> sources(pair, i))
        .toList();
  }

  /// At an iteration the pictures of the four places that change, and both sharpness numbers.
  private static List<String> sources(MaskComparison.Pair pair, int i) {
    Crop crop = Crop.around(pair.energy(), pair.input());
    float top = pair.energy().maximum();
    Track.Reconstruction with = pair.with().get(i);
    return List.of(
        crop.small(pair.without().get(i), ColorMap.INFERNO, top),
        crop.small(with.energy(), ColorMap.INFERNO, top),
        crop.small(with.clusterMask(), ColorMap.GRAY, 1),
        crop.small(with.thresholdMask(), ColorMap.GRAY, 1),
        sharpness(pair.sharpnessWithout()[i]),
        sharpness(pair.sharpnessWith()[i]));
  }
}
