package org.pixelwake.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the page's scripts in a headless Chromium, where one is installed.
class BrowserTest {
  @TempDir private Path directory;

  @Test
  void scriptsDrawCurvesAndCards() throws Exception {
    Document page = open(new SyntheticRun().report().html());
    assertEquals(5, page.select(".plot canvas").size(), "one drawing a chart");
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
          const over = document.querySelectorAll(".plot .u-over")[1];
          const box = over.getBoundingClientRect();
          const at = { clientX: box.left + box.width / 2, clientY: box.top + 20, movementX: 1 };
          over.dispatchEvent(new MouseEvent("mouseenter", at));
          over.dispatchEvent(new MouseEvent("mousemove", at));
          document.body.dataset.done = "yes";
        }, 200);
        </script></body>\
        """;
    Document page = open(new SyntheticRun().report().html().replace("</body>", reader));
    assertEquals("yes", page.body().attr("data-done"));
    assertEquals("100 of 2\u202f000", page.select("#iteration-name").text());
    assertEquals(5, page.select(".plot canvas").size());
    String shown = page.select("#grid .mini img").get(1).attr("src");
    assertEquals(
        page.select("#track-1 td[data-iteration=2][data-kind=energy] img").attr("src"), shown);
    for (Element legend : page.select(".plot .u-legend")) {
      String hovered = legend.select(".u-value").first().text();
      assertTrue(
          hovered.matches("(99[0-9]|1 00[0-9])"),
          legend.parent().parent().id() + ", iteration at the pointer: " + hovered);
    }
    assertTrue(page.select(".strip .now").size() >= 6 * 4);
  }

  @Test
  void worksWithoutGalleryOrCurves() throws Exception {
    Document page = open(RunReport.builder("Empty").build().html());
    assertEquals("Empty", page.select("h1").text());
  }

  private Document open(String html) throws IOException, InterruptedException {
    Optional<Path> browser =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(browser.isPresent(), "no Chromium on the PATH: scripts of the report not run");
    Path file = directory.resolve("report.html");
    Files.writeString(file, html);
    Path dom = directory.resolve("dom.html");
    Path log = directory.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                List.of(
                    browser.get().toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--user-data-dir=" + directory.resolve("profile"),
                    "--enable-logging=stderr",
                    "--window-size=1400,2000",
                    "--virtual-time-budget=2000",
                    "--dump-dom",
                    file.toUri().toString()))
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    assertTrue(ended, "the browser did not end");
    List<String> console =
        Files.readAllLines(log).stream().filter(line -> line.contains("CONSOLE")).toList();
    assertEquals(List.of(), console, "messages of the console");
    return Jsoup.parse(Files.readString(dom));
  }
}
