package org.pixelwake.report.section;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;

/// Tables of names and values, such as settings, data and environment, and commands before them.
/// Tables and commands are added one by one, in the order of the page.
public final class SettingsSection extends Section {
  private final String note;
  private final List<String[]> commands = new ArrayList<>();
  private final Map<String, Map<String, String>> cards = new LinkedHashMap<>();

  private SettingsSection(String id, String title, String note) {
    super(id, title, false);
    this.note = note;
  }

  /// The settings of a run.
  public static SettingsSection ofRun() {
    return new SettingsSection("settings", "Settings", "Everything needed to repeat the run.");
  }

  /// The provenance of results: settings, data, environment, and the commands that make them again.
  public static SettingsSection provenance() {
    return new SettingsSection("reproduce", "Settings, data and how to reproduce", "");
  }

  /// Device, speed, memory and versions.
  ///
  /// @param device such as "CPU, AVX2"
  /// @param threads worker threads
  /// @param clustersPerSecond mean over the training, evaluations not counted
  /// @param wallTime from start to end, evaluations counted
  /// @param peakMemory largest resident memory in bytes; 0 where it is not known
  /// @param environment further facts in order, such as versions of Java and of the library
  public static SettingsSection timing(
      String device,
      int threads,
      double clustersPerSecond,
      Duration wallTime,
      long peakMemory,
      Map<String, String> environment) {
    Map<String, String> measured = new LinkedHashMap<>();
    measured.put("Wall time", Numbers.of(wallTime));
    measured.put("Training speed", Numbers.of(clustersPerSecond) + " clusters/s");
    measured.put("Peak memory", peakMemory > 0 ? Numbers.bytes(peakMemory) : "not measured");
    measured.put("Device", device);
    measured.put("Threads", Integer.toString(threads));
    String note =
        "Wall time runs from start to end; the speed counts training steps alone, without"
            + " evaluations.";
    SettingsSection section =
        new SettingsSection("timing", "Environment and timing", note).add("Measured", measured);
    return environment.isEmpty() ? section : section.add("Environment", environment);
  }

  /// Adds a table, in the order of the map.
  ///
  /// @param heading such as "Network"
  public SettingsSection add(String heading, Map<String, String> values) {
    cards.put(heading, new LinkedHashMap<>(values));
    return this;
  }

  /// Adds a command.
  ///
  /// @param explanation what it does
  /// @param line such as "pixelwake study config.yaml -o study"
  public SettingsSection command(String explanation, String line) {
    commands.add(new String[] {explanation, line});
    return this;
  }

  @Override
  public boolean isEmpty() {
    return commands.isEmpty() && cards.isEmpty();
  }

  @Override
  public void render(Html html) {
    if (!note.isEmpty()) {
      html.note(note);
    }
    if (!commands.isEmpty()) {
      html.element("h3", "Commands");
      html.open("ol", "class", "commands");
      for (String[] command : commands) {
        html.open("li").element("p", command[0]);
        html.open("pre", "tabindex", "0", "aria-label", "command").element("code", command[1]);
        html.close("pre").close("li");
      }
      html.close("ol");
    }
    if (!cards.isEmpty()) {
      html.open("div", "class", "cards");
      cards.forEach((heading, values) -> card(html, heading, values));
      html.close("div");
    }
  }

  private static void card(Html html, String heading, Map<String, String> values) {
    html.open("div", "class", "card").element("h3", heading).open("dl");
    values.forEach(
        (key, value) -> html.open("div").element("dt", key).element("dd", value).close("div"));
    html.close("dl").close("div");
  }
}
