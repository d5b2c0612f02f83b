package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.Spread;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.plot.BinnedFigure;
import org.pixelwake.report.plot.ConfusionMatrix;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.plot.Palette;
import org.pixelwake.report.plot.ProbeTable;
import org.pixelwake.report.section.DiagramSection;
import org.pixelwake.report.section.Embeddings;
import org.pixelwake.report.section.MapSection;
import org.pixelwake.report.section.RunSection;
import org.pixelwake.report.section.RunTable;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.StatementSection;

class StudyReportTest {
  private static final String EVIL = "</script><script>alert(1)</script><!-- \"'&\u0000]]>";

  private static String html = "";
  private static Document page = new Document("");
  private static List<String> figures = List.of();

  @BeforeAll
  static void render() {
    Report report = new SyntheticStudy().report();
    html = report.html();
    figures = report.figures();
    page = Jsoup.parse(html);
  }

  @Test
  void isOneFileOfBearableSize() {
    for (Element element : page.select("[src]")) {
      assertTrue(element.attr("src").startsWith("data:image/png;base64,"), element.tagName());
    }
    for (Element link : page.select("a[href]")) {
      String target = link.attr("href");
      assertTrue(target.startsWith("#"), target);
      assertEquals(1, page.select("[id=" + target.substring(1) + "]").size(), target);
    }
    assertEquals(0, page.select("link, iframe, object, embed, script[src]").size());
    String styles = page.select("style").html() + page.select("[style]").eachAttr("style");
    assertFalse(Pattern.compile("url\\(|@import|https?:").matcher(styles).find(), "style sheet");
    assertTrue(html.length() < 15_000_000, "size " + html.length());
  }

  @Test
  void isReadableWithoutSight() {
    assertEquals(1, page.select("h1").size());
    int level = 1;
    for (Element heading : page.select("h1, h2, h3, h4")) {
      int next = heading.tagName().charAt(1) - '0';
      assertTrue(next <= level + 1, "heading level skipped at " + heading.text());
      level = next;
    }
    for (Element image : page.select("img, canvas, svg.drawing")) {
      assertFalse((image.attr("alt") + image.attr("aria-label")).isBlank(), image.tagName());
    }
    for (Element figure : page.select("figure.chart:has(svg)")) {
      assertTrue(figure.select("table tbody tr").size() >= 1, figure.id());
      assertFalse(figure.select("figcaption").text().isBlank(), figure.id());
    }
    assertEquals(
        new HashSet<>(page.select("[id]").eachAttr("id")).size(), page.select("[id]").size());
  }

  @Test
  void verdictsSayWhatWasMeasuredAndWhereItIsShown() {
    Element row = page.select(".statements tbody tr").first();
    assertEquals("✓\u00a0held", row.select("td").first().wholeText());
    assertEquals(
        List.of("pretrained 121 ± 14 steps n = 3", "from scratch 260 ± 38 steps n = 3"),
        row.select("li").eachText().stream().map(t -> t.replace('\u00a0', ' ')).toList());
    assertEquals("#accuracy-over-steps", row.select("a").attr("href"));
    assertEquals(List.of("3", "1", "1"), page.select(".verdicts .value").eachText());
    Element interval = page.select(".statements tbody tr").get(1).select("li .number").first();
    assertEquals("0.0207 ± 0.0025\u00a0[0.012, 0.029]", interval.wholeText());
  }

  @Test
  void runsStandBesideBaselinesWithTheBestInBold() {
    assertEquals(11, page.select(".sortable tbody tr").size());
    assertEquals(2, page.select(".sortable tbody tr.baseline").size());
    // One of each judged metric; nobody is best in time.
    assertEquals(4, page.select(".sortable .best").size());
    Element unknown = page.select(".sortable tbody tr").get(3).select("td").get(4);
    assertEquals("–", unknown.text());
    assertEquals("", unknown.attr("data-value"));
  }

  @Test
  void everyFigureIsInThePageAndWellFormed() throws Exception {
    assertEquals(29, figures.size());
    for (Element svg : page.select("svg.drawing")) {
      parse(svg.outerHtml());
      assertEquals("#ffffff", svg.select("rect.paper").attr("fill"), "white in print");
      assertEquals(
          "Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif", svg.attr("font-family"));
    }
    // All but the maps, which are canvases in the page: 16 of them in four colourings.
    assertEquals(29 - 16, page.select("svg.drawing").size());
    assertEquals(9, page.select("#accuracy-over-steps .series").size());
    assertEquals(9, page.select("#accuracy-over-steps .entry").size());
  }

  private static void parse(String svg) throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aVariationHasOneColourEverywhere() {
    for (String figure : List.of("accuracy-over-steps", "loss-over-steps", "roc-electron")) {
      Element entry =
          page.select("#" + figure + " .entry").stream()
              .filter(e -> e.text().equals("from scratch"))
              .findFirst()
              .orElseThrow();
      assertEquals("s c5", entry.select("line").attr("class"), figure);
    }
  }

  @Test
  void hitsOfTracksComeBackAsTheyWere() throws Exception {
    JsonNode data = new ObjectMapper().readTree(page.select("#map-data").html());
    assertEquals(SyntheticStudy.POINTS, data.get("count").asInt());
    byte[] counts = Base64.getDecoder().decode(data.get("counts").asText());
    byte[] hits = Base64.getDecoder().decode(data.get("hits").asText());
    ByteBuffer sizes = ByteBuffer.wrap(counts).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 0;
    while (sizes.hasRemaining()) {
      sum += Short.toUnsignedInt(sizes.getShort());
    }
    assertEquals(3 * sum, hits.length);
    SparseTrack track = new SparseTrack(new int[] {0, 2}, new int[] {1, 0}, new float[] {9, 36});
    Document small = Jsoup.parse(small(track).html());
    JsonNode one = new ObjectMapper().readTree(small.select("#map-data").html());
    byte[] bytes = Base64.getDecoder().decode(one.get("hits").asText());
    // Column, row, 255 times the root of the share of the largest energy.
    assertEquals(List.of(0, 1, 128, 2, 0, 255), unsigned(bytes).subList(0, 6));
  }

  private static List<Integer> unsigned(byte[] bytes) {
    List<Integer> values = new ArrayList<>();
    for (byte b : bytes) {
      values.add(b & 0xff);
    }
    return values;
  }

  private static Report small(SparseTrack track) {
    double nan = Double.NaN;
    return Report.builder("small")
        .section(
            new MapSection(
                new Embeddings(
                    "",
                    List.of("a"),
                    new int[] {0, -1},
                    List.of(
                        new Embeddings.Quantity(
                            "Energy", "keV", Embeddings.Scale.LOGARITHMIC, new double[] {nan, -1})),
                    "keV",
                    List.of(track, new SparseTrack(new int[0], new int[0], new float[0])),
                    Map.of(),
                    List.of(
                        new Embeddings.PointMap(
                            "map",
                            "Map",
                            "",
                            "1",
                            "2",
                            new double[] {0, nan},
                            new double[] {0, 1},
                            new int[] {0, 1})))))
        .build();
  }

  @Tag("slow")
  @Test
  void writesFiguresAsSvgAndPng(@TempDir Path directory) throws Exception {
    Report report = small(new SparseTrack(new int[] {0}, new int[] {0}, new float[] {5}));
    Path file = directory.resolve("deep/study.html");
    List<Path> written = report.write(file);
    assertEquals(file, written.getFirst());
    assertEquals(5, written.size());
    assertEquals(report.html(), Files.readString(file));
    for (String name : List.of("map", "map-by-energy")) {
      Path folder = file.resolveSibling(Report.FIGURES);
      String svg = Files.readString(folder.resolve(name + ".svg"));
      parse(svg);
      BufferedImage image = ImageIO.read(folder.resolve(name + ".png").toFile());
      assertEquals(1800, image.getWidth());
      assertEquals(0xffffffff, image.getRGB(900, 1560 + 150), "white paper");
      assertTrue(dark(image) > 20, "something is drawn");
    }
  }

  private static int dark(BufferedImage image) {
    int count = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        count += (image.getRGB(x, y) & 0xff) < 0x80 ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void hostileNamesStayText() throws Exception {
    double[] x = {1, 2};
    Palette palette = new Palette();
    Report.Builder parts =
        Report.builder(EVIL)
            .summary(EVIL)
            .section(
                new RunSection(
                    new RunTable(
                        EVIL,
                        List.of(
                            new RunTable.Column(EVIL, EVIL, RunTable.Better.LOWER, "by-run", EVIL)),
                        List.of(new RunTable.Row(EVIL, true, EVIL, List.of(Spread.of(1, 2))))),
                    palette))
            .section(
                DiagramSection.curves(
                    List.of(
                        Figure.overSteps(
                            "line",
                            EVIL,
                            Figure.Axis.of(EVIL),
                            EVIL,
                            EVIL,
                            List.of(new Figure.Line(EVIL, Figure.Style.CURVE, x, x)))),
                    palette))
            .section(
                DiagramSection.quality(
                    List.of(
                        new ConfusionMatrix(
                            "matrix", EVIL, EVIL, List.of(EVIL), new long[][] {{3}})),
                    palette))
            .section(
                SettingsSection.provenance().command(EVIL, EVIL).add(EVIL, Map.of(EVIL, EVIL)));
    Statement statement =
        new Statement(
            EVIL,
            List.of(new Statement.Quantity(EVIL, Spread.of(1), EVIL)),
            EVIL,
            Statement.Outcome.HELD,
            EVIL,
            "line");
    Report report =
        parts.sectionFirst(new StatementSection(List.of(statement), parts.titles())).build();
    Document parsed = Jsoup.parse(report.html());
    assertEquals(3, parsed.select("script").size(), "numbers of a figure, and our own two");
    assertEquals(EVIL.replace('\u0000', '\ufffd'), parsed.select("h1").text());
    for (Element svg : parsed.select("svg.drawing")) {
      parse(svg.outerHtml());
    }
    assertTrue(new ObjectMapper().readTree(parsed.select("script[data-drawn]").html()).isObject());
  }

  @Test
  void whatIsMissingIsLeftOutOrSaid() {
    Document empty = Jsoup.parse(Report.builder("Empty").build().html());
    assertEquals(0, empty.select("section").size());
    double nan = Double.NaN;
    double[] none = {nan, Double.POSITIVE_INFINITY};
    Figure.Line line =
        new Figure.Line("line", Figure.Style.CURVE, new double[] {0, 1}, none, none, none);
    Figure.Axis log = Figure.Axis.logarithmic("y");
    Palette palette = new Palette();
    Document parsed =
        Jsoup.parse(
            Report.builder("NaN")
                .section(
                    new RunSection(
                        new RunTable(
                            "",
                            List.of(
                                new RunTable.Column("A", "", RunTable.Better.HIGHER, "by-run", "")),
                            List.of(new RunTable.Row("r", false, "", List.of(Spread.NONE)))),
                        palette))
                .section(
                    DiagramSection.curves(
                        List.of(
                            Figure.overSteps("a", "a", log, "", "", List.of(line)),
                            Figure.overSteps("b", "b", log, "", "", List.of())),
                        palette))
                .section(
                    DiagramSection.binned(
                        List.of(
                            new BinnedFigure(
                                "c",
                                "c",
                                "q",
                                true,
                                "y",
                                "",
                                "",
                                new double[] {1, 2},
                                new long[] {0},
                                List.of(
                                    new BinnedFigure.Line(
                                        "l",
                                        new double[] {nan},
                                        new double[] {nan},
                                        new double[] {nan})))),
                        palette))
                .section(
                    DiagramSection.quality(
                        List.of(
                            new ConfusionMatrix("d", "d", "", List.of("e"), new long[][] {{0}})),
                        palette))
                .section(
                    DiagramSection.probes(
                        List.of(
                            new ProbeTable(
                                "p",
                                "p",
                                "",
                                List.of("s"),
                                List.of(new ProbeTable.Row("q", List.of(Spread.NONE)))))))
                .build()
                .html());
    assertEquals(6, parsed.select("svg.drawing").size());
    assertEquals("not measured", parsed.select("#by-run text.label").last().text());
    assertEquals(List.of("–", "–"), parsed.select("#a tbody td").eachText());
    assertEquals("–", parsed.select("#d svg text").get(4).text());
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThrows(IllegalArgumentException.class, () -> Arguments.checkId("../evil"));
    assertThrows(IllegalArgumentException.class, () -> Arguments.checkId("Upper"));
    double[] two = {1, 2};
    Figure.Axis axis = Figure.Axis.of("y");
    Figure figure = Figure.overSteps("same", "", axis, "", "", List.of());
    Report.Builder twice =
        Report.builder("t").section(DiagramSection.curves(List.of(figure, figure), new Palette()));
    assertThrows(IllegalArgumentException.class, twice::build);
    Statement nowhere =
        new Statement("s", List.of(), "", Statement.Outcome.NOT_MEASURED, "", "gone");
    Map<String, String> titles = Report.builder("t").titles();
    assertThrows(
        IllegalArgumentException.class, () -> new StatementSection(List.of(nowhere), titles));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Figure.Line("l", Figure.Style.CURVE, two, two, two, new double[1]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConfusionMatrix("m", "", "", List.of("a", "b"), new long[][] {{1, 2}, {3}}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SparseTrack(new int[] {256}, new int[] {0}, new float[] {1}));
    assertThrows(IllegalArgumentException.class, () -> axis.from(1, 1));
  }
}
