package org.pixelwake.report.page;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.report.image.SvgImage;

/// Report of a run, a finetuning, a study, an evaluation or a validation as one HTML file that
/// needs nothing beside it: no network, no other file. Every text is escaped. Figures of sections
/// that have drawings are written as files for papers too.
public final class Report {
  /// Folder beside the report that takes the figures.
  public static final String FIGURES = "figures";

  private final String title;
  private final String summary;
  private final List<Section> sections;

  private Report(String title, String summary, List<Section> sections) {
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
    List<String> scripts = List.of("report.js", "maps.js");
    return Page.render(title, summary, sections, Page.POLICY, List.of("report.css"), scripts);
  }

  /// Ids of the figures that have files.
  public List<String> figures() {
    return drawings().stream().map(Section.Drawing::id).toList();
  }

  private List<Section.Drawing> drawings() {
    return sections.stream().flatMap(section -> section.drawings().stream()).toList();
  }

  /// Writes the page to a file, and each figure as SVG and PNG into the folder `figures` beside it.
  /// Each file is replaced atomically.
  ///
  /// @return the files, the page first
  /// @throws InputException if a file cannot be written
  public List<Path> write(Path file) {
    List<Path> written = new ArrayList<>(List.of(file));
    Path folder = file.toAbsolutePath().resolveSibling(FIGURES);
    try {
      for (Section.Drawing drawing : drawings()) {
        Path svg = folder.resolve(drawing.id() + ".svg");
        AtomicFile.write(svg, drawing.svg());
        Path png = folder.resolve(drawing.id() + ".png");
        AtomicFile.write(png, SvgImage.png(drawing.svg()));
        written.addAll(List.of(svg, png));
      }
      // Last, so that a page never shows figures that have no files.
      AtomicFile.write(file, html());
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
    return written;
  }

  /// Collects the sections of a report.
  public static final class Builder {
    private final String title;
    private String summary = "";
    private final List<Section> sections = new ArrayList<>();

    private Builder(String title) {
      this.title = title;
    }

    /// One or two sentences below the title.
    public Builder summary(String text) {
      summary = text;
      return this;
    }

    /// Adds a section, unless it is empty.
    public Builder section(Section section) {
      if (!section.isEmpty()) {
        sections.add(section);
      }
      return this;
    }

    /// Puts a section before all others, unless it is empty.
    public Builder sectionFirst(Section section) {
      if (!section.isEmpty()) {
        sections.addFirst(section);
      }
      return this;
    }

    /// Headings of the sections and figures so far, by id.
    ///
    /// @throws IllegalArgumentException if two have one id
    public Map<String, String> titles() {
      Map<String, String> titles = new LinkedHashMap<>();
      for (Section section : sections) {
        add(titles, section.id(), section.title());
        section.drawings().forEach(drawing -> add(titles, drawing.id(), drawing.title()));
      }
      return titles;
    }

    private static void add(Map<String, String> titles, String id, String name) {
      Arguments.check(titles.put(id, name) == null, "two figures have the id %s", id);
    }

    /// The report of the sections so far.
    ///
    /// @throws IllegalArgumentException if two sections or figures have one id
    public Report build() {
      titles();
      return new Report(title, summary, List.copyOf(sections));
    }
  }
}
