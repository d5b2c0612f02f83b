package org.pixelwake.report.section;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;

/// Device, speed, memory and versions.
public record TimingSection(Timing timing) implements Section {
  @Override
  public String id() {
    return "timing";
  }

  @Override
  public String title() {
    return "Environment and timing";
  }

  @Override
  public void render(Html html) {
    Map<String, String> measured = new LinkedHashMap<>();
    measured.put("Wall time", Numbers.of(timing.wallTime()));
    measured.put("Training speed", Numbers.of(timing.clustersPerSecond()) + " clusters/s");
    measured.put(
        "Peak memory",
        timing.peakMemoryBytes() > 0 ? Numbers.bytes(timing.peakMemoryBytes()) : "not measured");
    measured.put("Device", timing.device());
    measured.put("Threads", Integer.toString(timing.threads()));
    html.element(
        "p",
        "Wall time runs from start to end; the speed counts training steps alone, without"
            + " evaluations.",
        "class",
        "note");
    html.open("div", "class", "cards");
    html.open("div", "class", "card").element("h3", "Measured");
    SettingsSection.list(html, measured);
    html.close("div");
    if (!timing.environment().isEmpty()) {
      html.open("div", "class", "card").element("h3", "Environment");
      SettingsSection.list(html, timing.environment());
      html.close("div");
    }
    html.close("div");
  }
}
