package org.pixelwake.report.page;

import java.util.List;

/// A page that shows the metrics of runs while they are written. It asks the server it came from
/// for `runs` (a JSON list of objects with `name`, `state` and `changed`) and for
/// `figures?runs=N.N&known=S` (the drawings of the runs of these numbers, or status 204 where their
/// state is still S), and for nothing else.
public final class LivePage {
  private LivePage() {}

  /// @param title heading of the page and title of the window
  /// @param summary one sentence below it
  public static String html(String title, String summary) {
    return Page.render(
        title,
        summary,
        List.of(new LiveSection()),
        Page.POLICY + "; connect-src 'self'",
        List.of("report.css", "watch.css"),
        List.of("report.js", "watch.js"));
  }

  /// What script fills.
  private static final class LiveSection extends Section {
    private LiveSection() {
      super("live", "Live curves", false);
    }

    @Override
    public void render(Html html) {
      html.note(
          "Held-out values have points. Drag across a plot to enlarge a part, double-click to see"
              + " all again; a name of the legend hides and shows its line.");
      html.open("div", "class", "controls");
      html.element("button", "❚❚ Pause", "type", "button", "id", "pause", "aria-pressed", "false");
      html.element("span", "Connecting …", "id", "news");
      html.element("span", "", "id", "trouble", "role", "status");
      html.close("div");
      html.open("fieldset", "id", "runs", "hidden", "").element("legend", "Runs");
      html.element("div", "", "id", "run-list").close("fieldset");
      html.element("div", "", "id", "live-charts");
      html.element("noscript", "The curves need script.");
    }
  }
}
