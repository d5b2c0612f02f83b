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
import org.pixelwake.report.image.SvgImage;
import org.pixelwake.report.plot.BandFigure;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ReliabilityFigure;
import org.pixelwake.report.section.BandSection;
import org.pixelwake.report.section.BinnedSection;
import org.pixelwake.report.section.ComparisonSection;
import org.pixelwake.report.section.ConfusionMatrix;
import org.pixelwake.report.section.Embeddings;
import org.pixelwake.report.section.MapSection;
import org.pixelwake.report.section.MaskComparison;
import org.pixelwake.report.section.ProbeSection;
import org.pixelwake.report.section.ProbeTable;
import org.pixelwake.report.section.QualitySection;
import org.pixelwake.report.section.ReproduceSection;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.StatementSection;

/// Report of a study of several trainings as one HTML file that needs nothing beside it: no
/// network, no other file. Its figures are written as files for papers too.
///
/// Parts without content are left out. Every text is escaped.
public final class StudyReport {
  /// Folder beside the report that takes the figures.
  public static final String FIGURES = "figures";

  private final String title;
  private final String summary;
  private final List<Section> sections;

  private StudyReport(String title, String summary, List<Section> sections) {
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
    return Page.render(
        title,
        summary,
        sections,
        Page.POLICY,
        List.of("report.css", "study.css"),
        List.of("study.js", "maps.js"));
  }

  /// Ids of the figures that have files.
  public List<String> figures() {
    return drawings().stream().map(Drawing::id).toList();
  }

  private List<Drawing> drawings() {
    List<Drawing> drawings = new ArrayList<>();
    for (Section section : sections) {
      if (section instanceof DrawnSection drawn) {
        drawings.addAll(drawn.drawings());
      }
    }
    return drawings;
  }

  /// Writes the page to a file, and each figure as SVG and PNG into the folder `figures` beside it.
  /// Each file is replaced atomically.
  ///
  /// @return the files, the page first
  public List<Path> write(Path file) throws IOException {
    List<Path> written = new ArrayList<>();
    Path folder = file.toAbsolutePath().resolveSibling(FIGURES);
    for (Drawing drawing : drawings()) {
      Path svg = folder.resolve(drawing.id() + ".svg");
      AtomicFile.write(svg, drawing.svg());
      written.add(svg);
      Path png = folder.resolve(drawing.id() + ".png");
      AtomicFile.write(png, SvgImage.png(drawing.svg()));
      written.add(png);
    }
    // Last, so that a page never shows figures that have no files.
    AtomicFile.write(file, html());
    written.addFirst(file);
    return written;
  }

  /// Collects the parts of a report.
  public static final class Builder {
    private final String title;
    private String summary = "";
    private final List<Statement> statements = new ArrayList<>();
    private @Nullable RunTable runs;
    private final List<BandFigure> curves = new ArrayList<>();
    private final List<BinnedFigure> binned = new ArrayList<>();
    private final List<BandFigure> roc = new ArrayList<>();
    private final List<ReliabilityFigure> reliability = new ArrayList<>();
    private final List<ConfusionMatrix> confusion = new ArrayList<>();
    private @Nullable MaskComparison reconstructions;
    private @Nullable Embeddings embeddings;
    private final List<ProbeTable> probes = new ArrayList<>();
    private final List<ReproduceSection.Command> commands = new ArrayList<>();
    private final Map<String, Map<String, String>> settings = new LinkedHashMap<>();

    private Builder(String title) {
      this.title = title;
    }

    /// One or two sentences below the title.
    public Builder summary(String text) {
      summary = text;
      return this;
    }

    /// Adds statements that the study tests.
    public Builder statements(List<Statement> list) {
      statements.addAll(list);
      return this;
    }

    /// All variations and baselines.
    public Builder runs(RunTable table) {
      runs = table;
      return this;
    }

    /// Adds learning curves with their spread over seeds.
    public Builder curves(List<BandFigure> figures) {
      curves.addAll(figures);
      return this;
    }

    /// Adds metrics in bins of physical quantities.
    public Builder binned(List<BinnedFigure> figures) {
      binned.addAll(figures);
      return this;
    }

    /// Adds ROC curves.
    public Builder roc(List<BandFigure> figures) {
      roc.addAll(figures);
      return this;
    }

    /// Adds reliability diagrams.
    public Builder reliability(List<ReliabilityFigure> figures) {
      reliability.addAll(figures);
      return this;
    }

    /// Adds confusion matrices.
    public Builder confusion(List<ConfusionMatrix> figures) {
      confusion.addAll(figures);
      return this;
    }

    /// Reconstructions with the mask heads and without.
    public Builder reconstructions(MaskComparison comparison) {
      reconstructions = comparison;
      return this;
    }

    /// Maps of the feature vectors.
    public Builder embeddings(Embeddings maps) {
      embeddings = maps;
      return this;
    }

    /// Adds a table of what a linear probe reads from the features.
    public Builder probe(ProbeTable table) {
      probes.add(table);
      return this;
    }

    /// Adds a command that makes a part of the study again.
    ///
    /// @param explanation what it does
    /// @param commandLine such as "pixelwake study config.yaml -o study"
    public Builder command(String explanation, String commandLine) {
      commands.add(new ReproduceSection.Command(explanation, commandLine));
      return this;
    }

    /// Adds a table of settings, data or environment, in the order of the map.
    ///
    /// @param section its heading, such as "Data"
    public Builder settings(String section, Map<String, String> values) {
      settings.put(section, Collections.unmodifiableMap(new LinkedHashMap<>(values)));
      return this;
    }

    /// The report of what was collected so far.
    ///
    /// @throws IllegalArgumentException if two figures have one id, or a statement leads to a
    ///   figure that is not there
    public StudyReport build() {
      Palette palette = new Palette();
      if (runs != null) {
        runs.rows().forEach(row -> palette.number(row.name()));
      }
      List<Section> sections = sections(palette);
      Map<String, String> titles = new LinkedHashMap<>();
      for (Section section : sections) {
        title(titles, section.id(), section.title());
      }
      anchors().forEach(anchor -> title(titles, anchor.getKey(), anchor.getValue()));
      for (Statement statement : statements) {
        if (!statement.figure().isEmpty() && !titles.containsKey(statement.figure())) {
          throw new IllegalArgumentException(
              "'" + statement.text() + "' leads to " + statement.figure() + ", which is not there");
        }
      }
      if (!statements.isEmpty()) {
        sections.addFirst(new StatementSection(List.copyOf(statements), titles));
      }
      return new StudyReport(title, summary, List.copyOf(sections));
    }

    private static void title(Map<String, String> titles, String id, String name) {
      if (titles.put(id, name) != null) {
        throw new IllegalArgumentException("two figures have the id " + id);
      }
    }

    private List<Section> sections(Palette palette) {
      List<Section> sections = new ArrayList<>();
      if (runs != null && !runs.rows().isEmpty()) {
        sections.add(new RunSection(runs, palette));
      }
      if (!curves.isEmpty()) {
        sections.add(
            new BandSection(
                "curves",
                "Curves over the training",
                "Each line is the mean of a variation over its seeds. Point at a plot, or focus it"
                    + " and use the arrow keys, to read values; a name of the legend hides and"
                    + " shows its line.",
                List.copyOf(curves),
                palette));
      }
      if (!binned.isEmpty()) {
        sections.add(new BinnedSection(List.copyOf(binned), palette));
      }
      if (!roc.isEmpty() || !reliability.isEmpty() || !confusion.isEmpty()) {
        sections.add(
            new QualitySection(
                List.copyOf(roc), List.copyOf(reliability), List.copyOf(confusion), palette));
      }
      if (reconstructions != null && !reconstructions.tracks().isEmpty()) {
        sections.add(new ComparisonSection(reconstructions));
      }
      if (embeddings != null && !embeddings.maps().isEmpty()) {
        sections.add(new MapSection(embeddings));
      }
      if (!probes.isEmpty()) {
        sections.add(new ProbeSection(List.copyOf(probes)));
      }
      if (!commands.isEmpty() || !settings.isEmpty()) {
        sections.add(
            new ReproduceSection(List.copyOf(commands), Collections.unmodifiableMap(settings)));
      }
      return sections;
    }

    /// Headings of all figures, by id.
    private List<Map.Entry<String, String>> anchors() {
      List<Map.Entry<String, String>> anchors = new ArrayList<>();
      if (runs != null) {
        for (RunTable.Column column : runs.columns()) {
          if (!column.figure().isEmpty()) {
            anchors.add(Map.entry(column.figure(), column.name()));
          }
        }
      }
      curves.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      binned.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      roc.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      reliability.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      confusion.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      if (reconstructions != null && reconstructions.sharpness() != null) {
        anchors.add(
            Map.entry(reconstructions.sharpness().id(), reconstructions.sharpness().title()));
      }
      if (embeddings != null) {
        embeddings.maps().forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      }
      probes.forEach(f -> anchors.add(Map.entry(f.id(), f.title())));
      return anchors;
    }
  }
}
