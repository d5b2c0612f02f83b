package org.pixelwake.report.section;

import java.util.Map;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Section;

/// The configuration of a run, one table a part.
public record SettingsSection(Map<String, Map<String, String>> settings) implements Section {
  @Override
  public String id() {
    return "settings";
  }

  @Override
  public String title() {
    return "Settings";
  }

  @Override
  public void render(Html html) {
    html.element("p", "Everything needed to repeat the run.", "class", "note");
    html.open("div", "class", "cards");
    settings.forEach((name, values) -> {
      html.open("div", "class", "card").element("h3", name);
      list(html, values);
      html.close("div");
    });
    html.close("div");
  }

  static void list(Html html, Map<String, String> values) {
    html.open("dl");
    values.forEach(
        (key, value) -> html.open("div").element("dt", key).element("dd", value).close("div"));
    html.close("dl");
  }
}
