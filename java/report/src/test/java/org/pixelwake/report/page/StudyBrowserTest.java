package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads a study's report with pointer and keyboard in a headless Chromium, where one is installed.
/// With `-Dpixelwake.screenshots=FOLDER` it leaves pictures of the page there.
@Tag("slow")
class StudyBrowserTest {
  @TempDir private Path directory;

  @Test
  void readersFindWhatTheyLookFor() throws Exception {
    Browser.find();
    Path file = directory.resolve("study.html");
    Files.writeString(file, new SyntheticStudy().report().html());
    try (DevTools browser = DevTools.start(directory)) {
      String folder = System.getProperty("pixelwake.screenshots", "");
      if (!folder.isEmpty()) {
        pictures(browser, file, Path.of(folder));
      }
      browser.reader(1400, 1000, false, false);
      browser.open(file.toUri().toString());
      table(browser);
      curves(browser);
      reconstructions(browser);
      maps(browser);
      browser.reader(500, 900, true, true);
      browser.open(file.toUri().toString());
      assertEquals("Next ▸", browser.evaluate("document.getElementById('pair-play').textContent"));
      assertEquals(
          "true",
          browser.evaluate("document.documentElement.scrollWidth <= innerWidth"),
          "nothing sticks out of a narrow window");
      assertEquals(List.of(), browser.complaints());
    }
  }

  private static void table(DevTools browser) throws Exception {
    String order =
        "[...document.querySelectorAll('.sortable tbody th')].map(h => h.firstChild.textContent)"
            + ".join('|')";
    String own = browser.evaluate(order);
    browser.click(".sortable thead th:nth-child(3) button", 0.5, 0.5);
    String sorted = browser.evaluate(order);
    assertTrue(sorted.startsWith("pretrained, finetuned|"), sorted);
    assertNotEquals(own, sorted);
    assertEquals(
        "descending",
        browser.evaluate(
            "document.querySelector('.sortable [aria-sort]').getAttribute('aria-sort')"));
    browser.press("Enter");
    assertTrue(browser.evaluate(order).startsWith("from scratch, 10 % of labels|"));
    browser.press("Enter");
    assertEquals(own, browser.evaluate(order));
  }

  private static void curves(DevTools browser) throws Exception {
    String figure = "#accuracy-over-steps ";
    browser.point(figure + "svg", 0.5, 0.3);
    String tip = browser.evaluate("document.querySelector('" + figure + ".reader').textContent");
    assertTrue(tip.startsWith("training step1400pretrained, finetuned0.9"), tip);
    browser.evaluate("document.querySelector('" + figure + ".entry').focus()");
    browser.press("Enter");
    assertEquals(
        "false off",
        browser.evaluate(
            "document.querySelector('%1$s.entry').getAttribute('aria-pressed') + ' ' +"
                    .formatted(figure)
                + " document.querySelector('%1$s.series').classList[1]".formatted(figure)));
    browser.evaluate("document.querySelector('" + figure + ".drawn').focus()");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    String spoken =
        browser.evaluate("document.querySelector('" + figure + "[aria-live]').textContent");
    assertTrue(spoken.startsWith("training step "), spoken);
    assertTrue(!spoken.contains("pretrained, finetuned"), "a hidden line is not read: " + spoken);
  }

  private static void reconstructions(DevTools browser) throws Exception {
    String source = "document.querySelector('#pair-3 [data-slot=\"1\"]').src";
    String last = browser.evaluate(source);
    browser.evaluate("document.getElementById('pair-iteration').focus()");
    browser.press("ArrowLeft");
    assertEquals(
        "4\u202f000 of 5\u202f000",
        browser.evaluate("document.getElementById('pair-name').textContent"));
    assertNotEquals(last, browser.evaluate(source));
    browser.press("ArrowRight");
    assertEquals(last, browser.evaluate(source));
    assertEquals(
        "sharpness 0.807",
        browser.evaluate(
            "document.querySelector('#pair-3 [data-slot=\"1\"] ~ .sharp').textContent"));
  }

  private static void maps(DevTools browser) throws Exception {
    String panel = "document.getElementById('map-track').textContent";
    String hint = browser.evaluate(panel);
    assertTrue(hint.startsWith("Point at a map"), hint);
    browser.point("canvas[data-map=umap-after]", 0.85, 0.5);
    String hovered = browser.evaluate(panel);
    assertTrue(hovered.contains("Hits") && hovered.contains("keV"), hovered);
    browser.click("canvas[data-map=umap-after]", 0.85, 0.5);
    assertTrue(browser.evaluate(panel).startsWith("Pinned: "));
    browser.evaluate("document.querySelector('canvas[data-map=pca-before]').focus()");
    browser.press("ArrowRight");
    String first = browser.evaluate("document.getElementById('map-says').textContent");
    browser.press("ArrowRight");
    String second = browser.evaluate("document.getElementById('map-says').textContent");
    assertTrue(first.startsWith("Cluster ") && second.startsWith("Cluster "), first + second);
    assertNotEquals(first, second);
    browser.press("Enter");
    assertTrue(
        browser.evaluate("document.getElementById('map-says').textContent").startsWith("Pinned "));
    browser.evaluate(
        "(() => { const s = document.getElementById('map-colour'); s.value = '2';"
            + " s.dispatchEvent(new Event('change')); })()");
    assertEquals(
        "Energy (keV), logarithmic",
        browser.evaluate("document.querySelector('#map-legend > div:last-child').textContent"));
  }

  private static void pictures(DevTools browser, Path file, Path folder) throws Exception {
    Files.createDirectories(folder);
    for (int width : new int[] {1400, 500}) {
      for (boolean dark : new boolean[] {false, true}) {
        browser.reader(width, 1000, dark, false);
        browser.open(file.toUri().toString());
        String name = width + (dark ? "-dark" : "-light");
        for (String section :
            List.of(
                "verdicts",
                "runs",
                "curves",
                "by-quantity",
                "classification",
                "reconstructions",
                "maps",
                "probes",
                "reproduce")) {
          browser.evaluate(
              "document.getElementById('" + section + "').scrollIntoView({behavior:'instant'})");
          if (section.equals("maps")) {
            browser.click("canvas[data-map=pca-before]", 0.5, 0.5);
          }
          browser.screenshot(folder.resolve(name + "-" + section + ".png"), false);
        }
        browser.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
        browser.screenshot(folder.resolve(name + "-top.png"), false);
      }
    }
  }
}
