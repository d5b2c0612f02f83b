package org.pixelwake.report.page;

import java.util.List;

/// The frame of a report: head, table of contents, sections, styles and scripts.
final class Page {
  // Nothing may be loaded: the file shows the same offline, and a hostile name in it can fetch
  // nothing.
  static final String POLICY =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

  private Page() {}

  /// @param policy what the page may load
  /// @param styles resources of style sheets
  /// @param scripts resources of scripts
  static String render(
      String title,
      String summary,
      List<? extends Section> sections,
      String policy,
      List<String> styles,
      List<String> scripts) {
    Html html = new Html();
    html.trusted("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    html.empty("meta", "charset", "utf-8");
    html.empty("meta", "http-equiv", "Content-Security-Policy", "content", policy);
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.element("title", title).open("style");
    styles.forEach(style -> html.trusted(Resources.text(style)));
    html.close("style").close("head");
    html.open("body");
    html.element("a", "Skip to the content", "class", "skip", "href", "#content");
    html.open("header").element("h1", title);
    if (!summary.isEmpty()) {
      html.element("p", summary, "class", "summary");
    }
    html.open("nav", "aria-label", "Contents").open("ul");
    for (Section section : sections) {
      html.open("li").element("a", section.title(), "href", "#" + section.id()).close("li");
    }
    html.close("ul").close("nav").close("header");
    html.open("main", "id", "content");
    for (Section section : sections) {
      String heading = section.id() + "-heading";
      html.open("section", "id", section.id(), "aria-labelledby", heading);
      html.element("h2", section.title(), "id", heading);
      section.render(html);
      html.close("section").trusted("\n");
    }
    html.close("main");
    html.element(
        "footer",
        "Written by Pixelwake. The page is complete in itself. Colour maps viridis and inferno"
            + " (CC0).");
    for (String script : scripts) {
      html.open("script").trusted(script(script)).close("script");
    }
    html.close("body").close("html").trusted("\n");
    return html.finish();
  }

  private static String script(String resource) {
    String script = Resources.text(resource);
    if (script.contains("</script") || script.contains("<!--")) {
      throw new IllegalStateException(resource + " cannot be inlined: it would end its element");
    }
    return script;
  }
}
