package org.pixelwake.report.page;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.report.plot.Chart;
import org.pixelwake.report.plot.Histogram;
import org.pixelwake.report.section.CurveSection;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.report.section.GallerySection;
import org.pixelwake.report.section.HistogramSection;
import org.pixelwake.report.section.Metric;
import org.pixelwake.report.section.MetricSection;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.report.section.Timing;
import org.pixelwake.report.section.TimingSection;

/// Report of a pretraining run as one HTML file that needs nothing beside it: no network, no other
/// file.
///
/// Parts without content are left out. Every text is escaped.
public final class RunReport {
  private final String title;
  private final String summary;
  private final List<Section> sections;

  private RunReport(String title, String summary, List<Section> sections) {
    this.title = title;
    this.summary = summary;
    this.sections = sections;
  }

  /// Starts a report.
  ///
  /// @param title heading of the page and title of the window
  public static Builder builder(String title) {
    return new Builder(title);
  }

  /// The whole page.
  public String html() {
    return Page.render(title, summary, sections);
  }

  /// Writes the page to a file, replacing it atomically.
  public void write(Path file) throws IOException {
    AtomicFile.write(file, html());
  }

  /// Collects the parts of a report.
  public static final class Builder {
    private final String title;
    private String summary = "";
    private @Nullable Timing timing;
    private @Nullable Gallery gallery;
    private final List<Metric> metrics = new ArrayList<>();
    private final List<Chart> charts = new ArrayList<>();
    private final List<Histogram> histograms = new ArrayList<>();
    private final Map<String, Map<String, String>> settings = new LinkedHashMap<>();

    private Builder(String title) {
      this.title = title;
    }

    /// One or two sentences below the title.
    public Builder summary(String text) {
      summary = text;
      return this;
    }

    /// Adds final numbers on held-out clusters.
    public Builder metrics(List<Metric> list) {
      metrics.addAll(list);
      return this;
    }

    /// Reconstructions over iterations.
    public Builder gallery(Gallery images) {
      gallery = images;
      return this;
    }

    /// Adds curves over the training.
    public Builder charts(List<Chart> list) {
      charts.addAll(list);
      return this;
    }

    /// Adds a histogram before and after balancing.
    public Builder histogram(Histogram histogram) {
      histograms.add(histogram);
      return this;
    }

    /// Device, speed and memory.
    public Builder timing(Timing measured) {
      timing = measured;
      return this;
    }

    /// Adds a table of settings, in the order of the map.
    ///
    /// @param section its heading, such as "Network"
    public Builder settings(String section, Map<String, String> values) {
      settings.put(section, Collections.unmodifiableMap(new LinkedHashMap<>(values)));
      return this;
    }

    /// The report of what was collected so far.
    public RunReport build() {
      List<Section> sections = new ArrayList<>();
      if (!metrics.isEmpty()) {
        sections.add(new MetricSection(List.copyOf(metrics)));
      }
      if (gallery != null && !gallery.tracks().isEmpty() && !gallery.iterations().isEmpty()) {
        sections.add(new GallerySection(gallery));
      }
      if (!charts.isEmpty()) {
        sections.add(new CurveSection(List.copyOf(charts)));
      }
      if (!histograms.isEmpty()) {
        sections.add(new HistogramSection(List.copyOf(histograms)));
      }
      if (timing != null) {
        sections.add(new TimingSection(timing));
      }
      if (!settings.isEmpty()) {
        sections.add(new SettingsSection(new LinkedHashMap<>(settings)));
      }
      return new RunReport(title, summary, List.copyOf(sections));
    }
  }
}
