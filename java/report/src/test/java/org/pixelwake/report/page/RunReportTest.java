package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Histogram;
import org.pixelwake.report.section.CurveSection;
import org.pixelwake.report.section.Gallery;
import org.pixelwake.report.section.Metric;

class RunReportTest {
  private static String html = "";
  private static Document page = new Document("");

  @BeforeAll
  static void render() {
    html = new SyntheticRun().report().html();
    page = Jsoup.parse(html);
  }

  @Test
  void loadsNothing() {
    for (Element element : page.select("[src]")) {
      assertTrue(element.attr("src").startsWith("data:image/png;base64,"), element.tagName());
    }
    for (Element link : page.select("[href]")) {
      String target = link.attr("href");
      assertTrue(target.startsWith("#"), target);
      assertEquals(1, page.select("[id=" + target.substring(1) + "]").size(), target);
    }
    assertEquals(0, page.select("link, iframe, object, embed, script[src]").size());
    String styles = page.select("style").html() + page.select("[style]").eachAttr("style");
    assertFalse(Pattern.compile("url\\(|@import|https?:").matcher(styles).find(), "style sheet");
    String policy = page.select("meta[http-equiv=Content-Security-Policy]").attr("content");
    assertTrue(policy.startsWith("default-src 'none'"), policy);
  }

  @Test
  void escapesForeignText() {
    assertEquals("Pretraining on Sr-90 electrons <demo & test>", page.title());
    assertEquals("Pretraining on Sr-90 electrons <demo & test>", page.select("h1").text());
    assertTrue(page.select("dd").eachText().contains("<script>alert('x')</script>"));
    assertEquals(5 + 2, page.select("script").size(), "numbers of the charts, and our own two");
  }

  @Test
  void hostileSeriesNamesStayInsideTheirElement() {
    String evil = "</script><script>alert(1)</script><!--";
    Figure.Line series =
        new Figure.Line(evil, Figure.Style.OTHER, new double[] {1, 2}, new double[] {3, 4});
    String text =
        Report.builder(evil)
            .section(
                new CurveSection(
                    List.of(Figure.overIterations(evil, evil, false, evil, List.of(series)))))
            .build()
            .html();
    Document parsed = Jsoup.parse(text);
    assertEquals(3, parsed.select("script").size());
    assertTrue(
        parsed.select("script[data-drawn]").html().contains("\\u003c/script>\\u003cscript>"));
    assertEquals(evil, parsed.select("h1").text());
  }

  @Test
  void isReadableWithoutSight() {
    assertEquals("en", page.select("html").attr("lang"));
    assertEquals(1, page.select("h1").size());
    for (Element image : page.select("img")) {
      assertFalse(image.attr("alt").isBlank());
    }
    for (Element section : page.select("section, article")) {
      String heading = section.attr("aria-labelledby");
      assertEquals(1, section.select("#" + heading).size(), heading);
    }
    for (Element figure : page.select("figure.chart")) {
      assertFalse(figure.select("svg").attr("aria-label").isBlank());
      assertTrue(figure.select("table tbody tr").size() >= 2);
      assertFalse(figure.select("figcaption").text().isBlank());
    }
    int level = 1;
    for (Element heading : page.select("h1, h2, h3, h4")) {
      int next = heading.tagName().charAt(1) - '0';
      assertTrue(next <= level + 1, "heading level skipped at " + heading.text());
      level = next;
    }
  }

  @Test
  void verdictsFollowTheTargets() {
    assertEquals(List.of("✓ met", "✗ missed", "✓ met"), page.select(".goal span").eachText());
    assertFalse(Metric.Target.atLeast(0.9).met(Double.NaN));
    assertTrue(Metric.Target.atMost(0.1).met(0.1));
  }

  @Test
  void galleryShowsEveryIterationOfEveryTrack() throws IOException {
    Gallery gallery = new SyntheticRun().gallery();
    int iterations = gallery.iterations().size();
    assertEquals(gallery.tracks().size(), page.select(".track").size());
    for (Element track : page.select(".track")) {
      for (String kind : List.of("energy", "cluster", "threshold")) {
        assertEquals(iterations, track.select("td[data-kind=" + kind + "] img").size());
        assertEquals(1, track.select("td[data-target=" + kind + "] img").size());
      }
    }
    Element last = page.select("#track-1 td[data-kind=cluster]").last();
    double iou =
        gallery
            .tracks()
            .getFirst()
            .reconstructions()
            .getLast()
            .clusterMask()
            .intersectionOverUnion(gallery.tracks().getFirst().clusterMask());
    assertEquals("IoU %.3f".formatted(iou), last.select("small").text());
    String data = last.select("img").attr("src").substring("data:image/png;base64,".length());
    var image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(data)));
    assertEquals(image.getWidth(), image.getHeight());
    assertTrue(image.getWidth() <= SyntheticRun.SIDE);
    // The fourth track has no times: said in words, not drawn as an empty image.
    assertEquals(1, page.select("#track-4 .none").size());
    assertEquals(0, page.select("#track-1 .none").size());
  }

  @Test
  void histogramDrawsABarForEveryBin() {
    assertEquals(7, page.select("svg.histogram > rect.bar-before").size());
    assertEquals(7, page.select("svg.histogram > rect.bar-after").size());
    double first = height(page.select("rect.bar-before").first());
    double last = height(page.select("rect.bar-before").last());
    // Log axis from one half: log(11873 / 0.5) against log(66 / 0.5).
    assertEquals(Math.log(23_746) / Math.log(132), first / last, 0.01);
    assertEquals(last, height(page.select("rect.bar-after").first()));
  }

  private static double height(Element bar) {
    return Double.parseDouble(bar.attr("height"));
  }

  @Test
  void partsWithoutContentAreLeftOut() {
    Document empty = Jsoup.parse(Report.builder("Empty").build().html());
    assertEquals(0, empty.select("section").size());
    assertEquals("Empty", empty.select("h1").text());
  }

  @Test
  void writesOneFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("deep/report.html");
    new SyntheticRun().report().write(file);
    assertEquals(html, Files.readString(file));
    try (var files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
    assertTrue(Files.size(file) < 3_000_000, "size " + Files.size(file));
  }

  @Test
  void refusesInconsistentInput() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Figure.Line("s", Figure.Style.TRAIN, new double[] {2, 1}, new double[] {0, 0}));
    Gallery gallery = new SyntheticRun().gallery();
    assertThrows(
        IllegalArgumentException.class,
        () -> new Gallery("", 1, "keV", List.of(1L, 2L), gallery.tracks()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Histogram("h", "q", "i", "", List.of("1"), new long[] {1}, new long[] {}));
  }
}
