package org.pixelwake.report.section;

import java.util.List;
import java.util.Map;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Section;

/// Settings, data and environment, and the commands that make the study again.
public record ReproduceSection(List<Command> commands, Map<String, Map<String, String>> settings)
    implements Section {
  /// A command and what it does.
  public record Command(String explanation, String line) {}

  @Override
  public String id() {
    return "reproduce";
  }

  @Override
  public String title() {
    return "Settings, data and how to reproduce";
  }

  @Override
  public void render(Html html) {
    if (!commands.isEmpty()) {
      html.element("h3", "Commands");
      html.open("ol", "class", "commands");
      for (Command command : commands) {
        html.open("li").element("p", command.explanation());
        html.open("pre", "tabindex", "0", "aria-label", "command");
        html.element("code", command.line()).close("pre").close("li");
      }
      html.close("ol");
    }
    if (!settings.isEmpty()) {
      html.open("div", "class", "cards");
      settings.forEach((name, values) -> {
        html.open("div", "class", "card").element("h3", name);
        SettingsSection.list(html, values);
        html.close("div");
      });
      html.close("div");
    }
  }
}
