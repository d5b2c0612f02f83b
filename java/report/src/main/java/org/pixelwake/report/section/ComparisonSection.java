package org.pixelwake.report.section;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.Crop;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Drawing;
import org.pixelwake.report.page.DrawnSection;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Json;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.StudyHtml;
import org.pixelwake.report.plot.BandDrawing;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.Palette;

/// Reconstructions over the iterations, with the mask heads and without: one card a track, all at
/// the same iteration. The page shows the last one; script shows the others.
public record ComparisonSection(MaskComparison comparison) implements DrawnSection {
  /// Largest side of a picture, pixels; there are hundreds of them.
  private static final int DRAWN = 64;

  @Override
  public String id() {
    return "reconstructions";
  }

  @Override
  public String title() {
    return "Reconstructions with and without mask heads";
  }

  @Override
  public List<Drawing> drawings() {
    BandFigure sharpness = comparison.sharpness();
    return sharpness == null
        ? List.of()
        : List.of(new Drawing(sharpness.id(), BandDrawing.draw(sharpness, new Palette())));
  }

  @Override
  public void render(Html html) {
    html.element(
        "p",
        "What two networks return of the same held-out tracks, one trained with the mask heads and"
            + " one without. Energies are in the colours of the target. "
            + comparison.explanation(),
        "class",
        "note");
    BandFigure sharpness = comparison.sharpness();
    if (sharpness != null) {
      html.open("div", "class", "charts");
      BandSection.figure(html, sharpness, new Palette());
      html.close("div");
    }
    controls(html);
    html.open("ul", "class", "pairs", "id", "pairs");
    for (int t = 0; t < comparison.tracks().size(); t++) {
      card(html, comparison.tracks().get(t), t);
    }
    html.close("ul");
    StudyHtml.data(html, "id", "pair-data", json());
  }

  private void controls(Html html) {
    int last = comparison.iterations().size() - 1;
    html.open("div", "class", "controls", "id", "pair-controls", "hidden", "");
    html.element("button", "▶ Play", "type", "button", "id", "pair-play");
    html.element("label", "Iteration", "for", "pair-iteration");
    html.empty(
        "input",
        "type",
        "range",
        "id",
        "pair-iteration",
        "min",
        "0",
        "max",
        Integer.toString(last),
        "step",
        "1",
        "value",
        Integer.toString(last));
    html.element("output", "", "for", "pair-iteration", "id", "pair-name");
    html.close("div");
    html.open("noscript")
        .element("p", "The slider needs script; shown is the last iteration.")
        .close("noscript");
  }

  private void card(Html html, MaskComparison.Pair pair, int number) {
    int last = comparison.iterations().size() - 1;
    html.open("li", "class", "mini pair", "id", "pair-" + (number + 1));
    html.open("div", "class", "caption").element("h3", pair.name());
    html.element("span", pair.caption()).close("div");
    html.open("div", "class", "row");
    Crop crop = crop(pair);
    float top = pair.energy().maximum();
    double energy = comparison.fullScale() * top * top;
    picture(
        html, pair, "input", encode(crop, pair.input(), ColorMap.INFERNO, top), "input", "", "");
    picture(
        html,
        pair,
        "target",
        encode(crop, pair.energy(), ColorMap.INFERNO, top),
        "target",
        "",
        "≤ " + Numbers.withUnit(Numbers.rounded(energy, 2), comparison.energyUnit()));
    Track.Reconstruction with = pair.with().get(last);
    picture(
        html,
        pair,
        "without",
        encode(crop, pair.without().get(last), ColorMap.INFERNO, top),
        "without masks",
        "0",
        sharpness(pair.sharpnessWithout()[last]));
    picture(
        html,
        pair,
        "with",
        encode(crop, with.energy(), ColorMap.INFERNO, top),
        "with masks",
        "1",
        sharpness(pair.sharpnessWith()[last]));
    picture(
        html,
        pair,
        "cluster mask",
        encode(crop, with.clusterMask(), ColorMap.GRAY, 1),
        "cluster mask",
        "2",
        "");
    picture(
        html,
        pair,
        "threshold mask",
        encode(crop, with.thresholdMask(), ColorMap.GRAY, 1),
        "threshold mask",
        "3",
        "");
    html.close("div").close("li").trusted("\n");
  }

  private static void picture(
      Html html,
      MaskComparison.Pair pair,
      String what,
      String source,
      String label,
      String slot,
      String number) {
    html.open("div", "class", "cell");
    String alt = pair.name() + ": " + what;
    if (slot.isEmpty()) {
      html.empty("img", "src", source, "alt", alt, "width", "96", "height", "96");
    } else {
      html.empty(
          "img", "src", source, "alt", alt, "width", "96", "height", "96", "data-slot", slot);
    }
    html.element("small", label);
    if (!number.isEmpty()) {
      html.element("small", number, "class", "sharp");
    }
    html.close("div");
  }

  private static String sharpness(double value) {
    return Double.isFinite(value) ? "sharpness " + Numbers.of(Numbers.rounded(value, 3)) : "";
  }

  private static Crop crop(MaskComparison.Pair pair) {
    return Crop.around(pair.energy(), pair.input());
  }

  private static String encode(Crop crop, FloatImage image, ColorMap map, float top) {
    return PngWriter.dataUri(PngWriter.encode(crop.of(image, DRAWN), map, 0, top));
  }

  private String json() {
    return Json.text(json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("iterations");
      for (long iteration : comparison.iterations()) {
        json.writeString(Numbers.of(iteration));
      }
      json.writeEndArray();
      json.writeArrayFieldStart("tracks");
      for (MaskComparison.Pair pair : comparison.tracks()) {
        track(json, pair);
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  /// For every iteration the pictures of the four places and both sharpness numbers.
  private void track(JsonGenerator json, MaskComparison.Pair pair) throws IOException {
    Crop crop = crop(pair);
    float top = pair.energy().maximum();
    json.writeStartArray();
    for (int i = 0; i < comparison.iterations().size(); i++) {
      Track.Reconstruction with = pair.with().get(i);
      List<String> parts = new ArrayList<>();
      parts.add(encode(crop, pair.without().get(i), ColorMap.INFERNO, top));
      parts.add(encode(crop, with.energy(), ColorMap.INFERNO, top));
      parts.add(encode(crop, with.clusterMask(), ColorMap.GRAY, 1));
      parts.add(encode(crop, with.thresholdMask(), ColorMap.GRAY, 1));
      parts.add(sharpness(pair.sharpnessWithout()[i]));
      parts.add(sharpness(pair.sharpnessWith()[i]));
      json.writeStartArray();
      for (String part : parts) {
        json.writeString(part.replace("data:image/png;base64,", ""));
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }
}
