package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.report.plot.Figure;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.FindingSection;
import org.pixelwake.report.section.SettingsSection;

class FindingsReportTest {
  private static final double[] X = {0.1, 1, 10};

  private static Report report(String name) {
    Figure figure =
        new Figure(
            name,
            "energy (MeV)",
            "loss",
            true,
            true,
            name,
            List.of(
                new Figure.Line(name, Figure.Style.POINTS, X, new double[] {3, 2, Double.NaN}),
                new Figure.Line("b", Figure.Style.CURVE, X, new double[] {3, 2, 1}),
                new Figure.Line("c", Figure.Style.STEPS, new double[] {1, 2}, new double[] {0, 4}),
                new Figure.Line("d", Figure.Style.LIMIT, X, new double[] {1, 1, 1})));
    Finding good =
        new Finding(
            "good",
            "Good",
            name,
            List.of(new Finding.Verdict(name, 1.5, "%", -3, 3, true, name)),
            List.of(figure, figure));
    Finding bad =
        new Finding(
            "bad",
            "Bad",
            "",
            List.of(
                new Finding.Verdict("a", 7, "keV", 1, 3, false, "s"),
                new Finding.Verdict("b", 27003, "", 27003, 27003, true, "s")),
            List.of(figure));
    Report.Builder report = Report.builder(name).summary(name);
    FindingSection.addTo(report, List.of(good, bad));
    return report.section(SettingsSection.ofRun().add("Run", Map.of("version", "1"))).build();
  }

  @Test
  void showsVerdictsAndFigures() {
    Document page = Jsoup.parse(report("Simulation").html());
    assertEquals("Simulation", page.title());
    assertEquals("1 of 1", page.select("#overview .value").get(0).text());
    assertEquals("1 of 2", page.select("#overview .value").get(1).text());
    assertEquals(1, page.select("#good .met").size());
    assertEquals(1, page.select("#bad .missed").size());
    assertEquals("± 3 %", page.select("#good td").get(1).text().replace('\u00a0', ' '));
    assertEquals("1 to 3 keV", page.select("#bad td").get(1).text().replace('\u00a0', ' '));
    assertEquals("27\u202f003", page.select("#bad td").get(5).text(), "a count has all its digits");
    assertEquals(3, page.select("script[data-drawn]").size());
    for (Element data : page.select("script[data-drawn]")) {
      assertEquals(1, page.select("#" + data.attr("data-drawn")).size());
    }
    // The tables join the lines by their x.
    assertEquals(4, page.select("#bad details tbody tr").size());
    for (Element section : page.select("section")) {
      assertEquals(1, page.select("#" + section.attr("aria-labelledby")).size());
    }
    for (Element link : page.select("[href]")) {
      assertEquals(1, page.select("[id=" + link.attr("href").substring(1) + "]").size());
    }
  }

  @Test
  void escapesForeignText() {
    String evil = "</script><script>alert(1)</script><!--";
    Document page = Jsoup.parse(report(evil).html());
    assertEquals(5, page.select("script").size(), "numbers of three figures, and our own two");
    assertEquals(evil, page.select("h1").text());
  }

  @Tag("slow")
  @Test
  void scriptsDrawEveryFigure(@TempDir Path directory) throws Exception {
    Document page = Browser.open(report("Simulation").html(), directory);
    assertEquals(3, page.select(".drawn:not([hidden]) svg.drawing").size());
    assertEquals(12, page.select(".drawn:not([hidden]) .entry[role=button]").size());
    assertTrue(page.select(".drawn svg").text().contains("energy (MeV)"));
    assertEquals(3, page.select("[data-log][checked]").size());
  }

  @Test
  void linesAscend() {
    double[] y = {1, 2};
    assertThrows(
        IllegalArgumentException.class,
        () -> new Figure.Line("a", Figure.Style.CURVE, new double[] {1, 1}, y));
    assertThrows(
        IllegalArgumentException.class, () -> new Figure.Line("a", Figure.Style.CURVE, X, y));
  }
}
