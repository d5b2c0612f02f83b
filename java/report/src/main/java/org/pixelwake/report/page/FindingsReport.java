package org.pixelwake.report.page;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.FindingSection;
import org.pixelwake.report.section.OverviewSection;
import org.pixelwake.report.section.SettingsSection;

/// Report of comparisons with what is expected, as one HTML file that needs nothing beside it: no
/// network, no other file. Every text is escaped.
public final class FindingsReport {
  private final String title;
  private final String summary;
  private final List<Finding> findings;
  private final Map<String, Map<String, String>> settings;

  /// @param title heading of the page and title of the window
  /// @param summary one or two sentences below it
  /// @param findings the parts, with ids that differ
  /// @param settings tables of what belongs to the run, by their headings
  public FindingsReport(
      String title,
      String summary,
      List<Finding> findings,
      Map<String, Map<String, String>> settings) {
    this.title = title;
    this.summary = summary;
    this.findings = List.copyOf(findings);
    this.settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /// The whole page.
  public String html() {
    List<Section> sections = new ArrayList<>();
    sections.add(new OverviewSection(findings));
    int figures = 0;
    for (Finding finding : findings) {
      sections.add(new FindingSection(finding, figures));
      figures += finding.figures().size();
    }
    if (!settings.isEmpty()) {
      sections.add(new SettingsSection(settings));
    }
    return Page.render(title, summary, sections);
  }

  /// Writes the page to a file, replacing it atomically.
  public void write(Path file) throws IOException {
    AtomicFile.write(file, html());
  }
}
