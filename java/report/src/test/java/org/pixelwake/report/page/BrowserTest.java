package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the page's scripts in a headless Chromium, where one is installed.
@Tag("slow")
class BrowserTest {
  @TempDir private Path directory;

  @Test
  void scriptsDrawCurvesAndCards() throws Exception {
    Document page = Browser.open(new SyntheticRun().report().html(), directory);
    assertEquals(5, page.select(".drawn:not([hidden]) svg").size(), "one drawing a chart");
    assertEquals(9 + 4, page.select(".drawn:not([hidden]) .entry[role=button]").size());
    assertEquals(6, page.select("#grid .mini").size(), "one card a track");
    assertEquals(24, page.select("#grid img[src^=data:image/png]").size());
    assertEquals("2\u202f000 (final)", page.select("#iteration-name").text());
    assertEquals("iteration 2\u202f000 (final)", page.select("#iteration").attr("aria-valuetext"));
    assertFalse(page.select("#glance").hasAttr("hidden"));
  }

  @Test
  void sliderAndPointerShowTheChosenIteration() throws Exception {
    // What a reader does, and a mark that it was done without an error.
    String reader =
        """
        <script>
        const slider = document.getElementById("iteration");
        slider.value = 2;
        slider.dispatchEvent(new Event("input"));
        const log = document.querySelector("[data-log]");
        log.click();
        log.click();
        setTimeout(() => {
          const over = document.querySelectorAll(".drawn:not([hidden])")[1];
          const box = over.querySelector("svg").getBoundingClientRect();
          const x = box.left + box.width * (64 + (522 * 1000) / 2080) / 600;
          const at = { clientX: x, clientY: box.top + 60, pointerType: "mouse", bubbles: true };
          over.dispatchEvent(new PointerEvent("pointermove", at));
          document.body.dataset.done = "yes";
        }, 200);
        </script></body>\
        """;
    Document page =
        Browser.open(new SyntheticRun().report().html().replace("</body>", reader), directory);
    assertEquals("yes", page.body().attr("data-done"));
    assertEquals("100 of 2\u202f000", page.select("#iteration-name").text());
    assertEquals(5, page.select(".drawn:not([hidden]) svg").size());
    String shown = page.select("#grid .mini img").get(1).attr("src");
    assertEquals(
        page.select("#track-1 td[data-iteration=2][data-kind=energy] img").attr("src"), shown);
    for (Element tip : page.select(".drawn:not([hidden]) .reader")) {
      String hovered = tip.select("td").first().text();
      assertTrue(
          hovered.matches("99[0-9]|100[0-9]"),
          tip.parents().get(1).id() + ", iteration at the pointer: " + hovered);
      assertTrue(tip.select("tr").size() > 1, "values at the pointer");
    }
    assertTrue(page.select(".strip .now").size() >= 6 * 4);
  }

  @Test
  void worksWithoutGalleryOrCurves() throws Exception {
    Document page = Browser.open(Report.builder("Empty").build().html(), directory);
    assertEquals("Empty", page.select("h1").text());
  }
}
