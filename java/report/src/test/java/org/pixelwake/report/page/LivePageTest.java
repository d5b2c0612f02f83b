package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.report.section.LiveCurves;

/// The live page in a headless Chromium, where one is installed.
@Tag("slow")
class LivePageTest {
  private static final String EVIL = "<img src=x onerror=alert(1)>";

  @TempDir private Path directory;

  @Test
  void drawsWhatARunWritesAndFollowsIt() throws Exception {
    Browser.find();
    Path file = directory.resolve("metrics.csv");
    StringBuilder text = new StringBuilder("step,loss,heldout_loss,heldout_iou,\"" + EVIL + "\"\n");
    for (int i = 1; i <= 400; i++) {
      double loss = 0.1 + 2 * Math.exp(-i / 80.0);
      String held = i % 50 == 0 ? (loss * 1.05) + "," + (1 - loss / 2) : ",";
      text.append(i).append(',').append(loss).append(',').append(held).append(",0.5\n");
    }
    Files.writeString(file, text);
    MetricsTail tail = new MetricsTail(file);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve(server, "/", "text/html", () -> LivePage.html("Pixelwake: run", "Metrics of run."));
    serve(
        server,
        "/runs",
        "application/json",
        () -> {
          tail.update();
          return "[{\"name\":\"run\",\"state\":\"%s\",\"changed\":%d}]"
              .formatted(tail.state(), tail.changed());
        });
    LiveCurves curves = new LiveCurves(List.of("run"));
    serve(server, "/figures", "text/html", () -> curves.html(Map.of("run", tail), tail.state()));
    server.start();
    try (DevTools browser = DevTools.start(directory)) {
      browser.reader(1400, 900, true, false);
      browser.open("http://localhost:" + server.getAddress().getPort() + "/");
      String titles =
          "[...document.querySelectorAll('#live-charts h3')].map(h => h.textContent).join('|')";
      String told = "document.querySelector('.fact')?.textContent";
      browser.until(told, "training: 0.1135 at step 400; held out: 0.1191 at step 400");
      assertEquals("loss|iou|" + EVIL.replace('_', ' '), browser.evaluate(titles));
      String folder = System.getProperty("pixelwake.screenshots", "");
      if (!folder.isEmpty()) {
        browser.screenshot(Files.createDirectories(Path.of(folder)).resolve("watch.png"), false);
      }
      String plot = "#live-0 .drawn:not([hidden]) ";
      String whole = browser.evaluate(ticks(0));
      browser.drag(plot + "svg", 0.3, 0.5, 0.4);
      String enlarged = browser.evaluate(ticks(0));
      assertNotEquals(whole, enlarged);
      assertTrue(browser.evaluate(ticks(1)).endsWith(" 140 160 180"), browser.evaluate(ticks(1)));
      browser.click(plot + ".entry", 0.5, 0.5);
      String hidden = "document.querySelectorAll('" + plot + ".series.off').length";
      assertEquals("1", browser.evaluate(hidden));
      Files.writeString(file, "401,0.1,,,0.5\n", StandardOpenOption.APPEND);
      browser.until(told, "training: 0.1 at step 401; held out: 0.1191 at step 400");
      assertEquals("1", browser.evaluate(hidden), "what was hidden stays so");
      browser.click(plot + ".entry", 0.5, 0.5);
      assertEquals(enlarged, browser.evaluate(ticks(0)), "a part that was enlarged stays");
      browser.evaluate(
          "document.querySelector('#live-0 .drawn:not([hidden])')"
              + ".dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))");
      assertEquals(whole, browser.evaluate(ticks(0)));
      browser.evaluate("document.querySelector('#live-0 [data-log]').click()");
      assertNotEquals(whole, browser.evaluate(ticks(0)));
      browser.evaluate("document.querySelector('#live-0 [data-log]').click()");
      List<String> complaints =
          browser.complaints().stream().filter(c -> !c.contains("favicon")).toList();
      assertEquals(List.of(), complaints);
      browser.click("#pause", 0.5, 0.5);
      Files.writeString(file, "402,0.05,,,0.5\n", StandardOpenOption.APPEND);
      assertEquals("▶ Go on", browser.evaluate("document.getElementById('pause').textContent"));
      server.stop(0);
      browser.click("#pause", 0.5, 0.5);
      browser.until("document.getElementById('trouble').textContent.slice(0, 9)", "No answer");
      assertTrue(browser.evaluate(told).contains("step 401"), "the curves stay");
    } finally {
      server.stop(0);
    }
  }

  private static String ticks(int figure) {
    return "[...document.querySelectorAll('#live-%d .drawn:not([hidden]) .ticks text')]"
            .formatted(figure)
        + ".map(t => t.textContent).join(' ')";
  }

  private interface Source {
    String text() throws IOException;
  }

  private static void serve(HttpServer server, String path, String type, Source source) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            byte[] bytes = source.text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }
}
