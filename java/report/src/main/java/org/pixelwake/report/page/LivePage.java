package org.pixelwake.report.page;

import java.util.List;

/// A page that shows the metrics of runs while they are written. It asks the server it came from
/// for `runs` (a JSON list of objects with `name`, `state` and `changed`) and for
/// `metrics?run=N&known=S` ([MetricsTail#json] of the run of that number, or status 204 where its
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
        List.of("uplot/uPlot.min.css", "report.css", "watch.css"),
        List.of("uplot/uPlot.iife.min.js", "watch.js"));
  }

  /// What script fills.
  private record LiveSection() implements Section {
    @Override
    public String id() {
      return "live";
    }

    @Override
    public String title() {
      return "Live curves";
    }

    @Override
    public void render(Html html) {
      html.note(
          "Held-out values are bold with points. Drag across a plot to enlarge a part, double-click"
              + " to see all again.");
      html.open("div", "class", "controls");
      html.element("button", "❚❚ Pause", "type", "button", "id", "pause", "aria-pressed", "false");
      html.element("span", "Connecting …", "id", "news");
      html.element("span", "", "id", "trouble", "role", "status");
      html.close("div");
      html.open("fieldset", "id", "runs", "hidden", "").element("legend", "Runs");
      html.element("div", "", "id", "run-list").close("fieldset");
      html.element("div", "", "class", "charts", "id", "live-charts");
      html.element("noscript", "The curves need script.");
    }
  }
}
