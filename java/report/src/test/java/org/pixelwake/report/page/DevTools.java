package org.pixelwake.report.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A headless Chromium moved over its DevTools protocol (WebSocket and JSON), as a reader would:
/// with pointer and keys. Needs no driver beside Chromium.
final class DevTools implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int SECONDS = 20;

  private final Process process;
  private final HttpClient client;
  private final WebSocket socket;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private volatile CompletableFuture<Boolean> loaded = new CompletableFuture<>();

  private DevTools(Process process, HttpClient client, URI page) {
    this.process = process;
    this.client = client;
    this.socket = client.newWebSocketBuilder().buildAsync(page, new Listener()).join();
  }

  /// Starts a browser; the test is skipped where there is none.
  static DevTools start(Path directory) throws Exception {
    Path profile = directory.resolve("profile");
    Process process =
        new ProcessBuilder(
                Browser.find().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(directory.resolve("out.txt").toFile())
            .redirectError(directory.resolve("err.txt").toFile())
            .start();
    try {
      Path file = profile.resolve("DevToolsActivePort");
      for (int i = 0; !Files.exists(file) || Files.readAllLines(file).size() < 2; i++) {
        if (i == 20 * SECONDS || !process.isAlive()) {
          throw new IOException("Chromium did not start: " + directory.resolve("err.txt"));
        }
        Thread.sleep(50);
      }
      HttpClient client = HttpClient.newHttpClient();
      URI list =
          URI.create("http://127.0.0.1:" + Files.readAllLines(file).getFirst() + "/json/list");
      JsonNode pages =
          MAPPER.readTree(
              client.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString()).body());
      for (JsonNode page : pages) {
        if (page.get("type").asText().equals("page")) {
          URI address = URI.create(page.get("webSocketDebuggerUrl").asText());
          DevTools tools = new DevTools(process, client, address);
          tools.send("Page.enable", Map.of());
          tools.send("Runtime.enable", Map.of());
          tools.send("Log.enable", Map.of());
          return tools;
        }
      }
      throw new IOException("Chromium has no page: " + pages);
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /// Size of the window and preferences of the reader, for the pages that follow.
  void reader(int width, int height, boolean dark, boolean still) throws Exception {
    send(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    send(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                Map.of(
                    "name",
                    "prefers-reduced-motion",
                    "value",
                    still ? "reduce" : "no-preference"))));
  }

  /// Opens a page and waits until it has loaded.
  void open(String address) throws Exception {
    loaded = new CompletableFuture<>();
    send("Page.navigate", Map.of("url", address));
    loaded.get(SECONDS, TimeUnit.SECONDS);
  }

  /// Value of an expression, as text.
  String evaluate(String expression) throws Exception {
    JsonNode answer =
        send(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(answer.get("exceptionDetails").toString());
    }
    return answer.get("result").path("value").asText();
  }

  /// Waits until an expression has a value.
  void until(String expression, String value) throws Exception {
    String now = evaluate(expression);
    for (int i = 0; !now.equals(value); i++) {
      if (i == 10 * SECONDS) {
        throw new IllegalStateException(expression + " is '" + now + "', not '" + value + "'");
      }
      Thread.sleep(100);
      now = evaluate(expression);
    }
  }

  /// Scrolls an element into view and moves the pointer to a place in it, given as shares of its
  /// sides.
  double[] point(String selector, double x, double y) throws Exception {
    String[] box =
        evaluate(
                """
                (async () => { const e = document.querySelector(%s);
                  e.scrollIntoView({ block: "center", behavior: "instant" });
                  // The pointer finds what the last frame showed.
                  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
                  const b = e.getBoundingClientRect();
                  return [b.left, b.top, b.width, b.height].join(" "); })()\
                """
                    .formatted(MAPPER.writeValueAsString(selector)))
            .split(" ");
    double atX = Double.parseDouble(box[0]) + x * Double.parseDouble(box[2]);
    double atY = Double.parseDouble(box[1]) + y * Double.parseDouble(box[3]);
    send("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", atX, "y", atY));
    return new double[] {atX, atY};
  }

  /// Clicks a place in an element.
  void click(String selector, double x, double y) throws Exception {
    double[] at = point(selector, x, y);
    mouse("mousePressed", at);
    mouse("mouseReleased", at);
  }

  /// Drags the pointer across an element, at one height.
  void drag(String selector, double from, double to, double y) throws Exception {
    double[] start = point(selector, from, y);
    mouse("mousePressed", start);
    mouse("mouseReleased", point(selector, to, y));
  }

  private void mouse(String type, double[] at) throws Exception {
    send(
        "Input.dispatchMouseEvent",
        Map.of("type", type, "x", at[0], "y", at[1], "button", "left", "clickCount", 1));
  }

  /// Presses a key such as "ArrowRight", "Enter" or "Tab".
  void press(String key) throws Exception {
    Map<String, Object> event =
        switch (key) {
          case "Enter" ->
              Map.of("key", key, "code", key, "windowsVirtualKeyCode", 13, "text", "\r");
          case "Tab" -> Map.of("key", key, "code", key, "windowsVirtualKeyCode", 9);
          case "ArrowLeft" -> Map.of("key", key, "code", key, "windowsVirtualKeyCode", 37);
          case "ArrowRight" -> Map.of("key", key, "code", key, "windowsVirtualKeyCode", 39);
          default -> throw new IllegalArgumentException(key);
        };
    for (String type : List.of("keyDown", "keyUp")) {
      ObjectNode parameters = MAPPER.valueToTree(event);
      send("Input.dispatchKeyEvent", parameters.put("type", type));
    }
  }

  /// Picture of what is in the window, or of the whole page.
  void screenshot(Path file, boolean whole) throws Exception {
    JsonNode answer = send("Page.captureScreenshot", Map.of("captureBeyondViewport", whole));
    Files.write(file, Base64.getDecoder().decode(answer.get("data").asText()));
  }

  /// Errors and warnings of the console so far.
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  private JsonNode send(String method, Object parameters) throws Exception {
    int id = number.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
    message.set("params", MAPPER.valueToTree(parameters));
    socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
    JsonNode reply = answer.get(SECONDS, TimeUnit.SECONDS);
    if (reply.has("error")) {
      throw new IllegalStateException(method + ": " + reply.get("error"));
    }
    return reply.get("result");
  }

  private void receive(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer = waiting.remove(message.get("id").asInt());
      if (answer != null) {
        answer.complete(message);
      }
      return;
    }
    switch (message.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(true);
      case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
          complaints.add(message.get("params").toString());
      default -> {} // other events tell nothing that a test asks for
    }
  }

  @Override
  public void close() {
    socket.abort();
    // Its children, too, still write to its folder, which is to be deleted.
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    process.destroy();
    for (ProcessHandle each : all) {
      each.onExit()
          .completeOnTimeout(each, 5, TimeUnit.SECONDS)
          .thenAccept(ProcessHandle::destroyForcibly)
          .thenCompose(killed -> each.onExit())
          .join();
    }
    client.close();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        try {
          receive(MAPPER.readTree(whole));
        } catch (IOException e) {
          complaints.add("DevTools: " + e);
        }
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
