package org.pixelwake.run.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.report.page.LivePage;
import org.pixelwake.report.section.LiveCurves;

/// Serves the live curves of runs: a page, the list of runs and the drawings of some of them, which
/// the page names by their numbers in the list. No path ever comes from a request, and nothing but
/// GET is answered.
public final class WatchServer implements AutoCloseable {
  /// How deep below a folder its runs are looked for.
  private static final int DEPTH = 4;

  private static final String METRICS = "metrics.csv";
  private static final Pattern QUERY =
      Pattern.compile("runs=(\\d{1,6}(?:\\.\\d{1,6}){0,999})&known=([0-9.-]*)");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final String page;
  private final List<Run> runs = new ArrayList<>();
  private final boolean anyHost;

  private record Run(String name, Path file, MetricsTail tail) {}

  /// Starts to listen.
  ///
  /// @param folder of a run, or of several
  /// @param port 0 for any that is free
  /// @throws InputException if there is no run or the port cannot be had
  public static WatchServer start(Path folder, InetAddress address, int port) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          folder, "is no folder", "Name the folder of a run, or one with runs in it");
    }
    if (find(folder).isEmpty()) {
      throw new InputException(
          folder,
          "there is no run in it (no " + METRICS + ", down to " + DEPTH + " folders)",
          "Name the folder that pretrain or finetune writes to");
    }
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
      return new WatchServer(folder, server, address.isAnyLocalAddress());
    } catch (BindException e) {
      throw new InputException(
          "--port",
          Integer.toString(port),
          "cannot be listened on (" + e.getMessage() + ")",
          "Choose another, or 0 for any that is free",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("listening on " + address, e);
    }
  }

  private WatchServer(Path folder, HttpServer server, boolean anyHost) {
    this.folder = folder;
    this.server = server;
    this.anyHost = anyHost;
    Path whole = folder.toAbsolutePath().normalize();
    Path name = whole.getFileName();
    this.page =
        LivePage.html(
            "Pixelwake: " + (name == null ? folder : name),
            "Metrics of " + whole + ", as they are written.");
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  /// Metrics of the folder itself, or of those below it; a run whose configuration is written has
  /// metrics soon.
  private static List<Path> find(Path folder) {
    Path own = folder.resolve(METRICS);
    if (Files.exists(own) || Files.exists(folder.resolve("config.yaml"))) {
      return List.of(own);
    }
    try (Stream<Path> tree =
        Files.find(
            folder,
            DEPTH + 1,
            (path, attributes) -> attributes.isRegularFile() && path.endsWith(METRICS))) {
      return tree.sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(
          folder, "cannot be searched (" + e.getMessage() + ")", "Check it", e);
    }
  }

  /// Where a browser finds the page.
  public URI address() {
    InetSocketAddress at = server.getAddress();
    InetAddress host = at.getAddress();
    String name =
        host.isAnyLocalAddress() || host.isLoopbackAddress() ? "localhost" : host.getHostAddress();
    boolean bare = name.contains(":");
    return URI.create("http://" + (bare ? "[" + name + "]" : name) + ":" + at.getPort() + "/");
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("X-Frame-Options", "DENY");
      if (!exchange.getRequestMethod().equals("GET")) {
        headers.set("Allow", "GET");
        answer(exchange, 405, "text/plain", "Only GET is answered.\n");
      } else if (!hostKnown(exchange)) {
        answer(exchange, 421, "text/plain", "Not a name of this server.\n");
      } else {
        route(exchange);
      }
    } catch (InputException | UncheckedIOException e) {
      answer(exchange, 500, "text/plain", e.getMessage() + "\n");
    } finally {
      exchange.close();
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    switch (String.valueOf(uri.getRawPath())) {
      case "/" -> answer(exchange, 200, "text/html", page);
      case "/runs" -> answer(exchange, 200, "application/json", list());
      case "/figures" -> figures(exchange, query);
      // Browsers ask for it unasked.
      case "/favicon.ico" -> exchange.sendResponseHeaders(204, -1);
      default -> answer(exchange, 404, "text/plain", "There is nothing here.\n");
    }
  }

  /// Whether the browser asked for this server by a name of it. Another name is that of a foreign
  /// page that was made to point here (DNS rebinding), and must not read the answer.
  private boolean hostKnown(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || anyHost) {
      return host != null;
    }
    String name = host.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    InetAddress own = server.getAddress().getAddress();
    String address = own.getHostAddress();
    return (own.isLoopbackAddress()
            ? List.of("localhost", "127.0.0.1", "[::1]", address)
            : List.of(address, "[" + address + "]", own.getHostName().toLowerCase(Locale.ROOT)))
        .contains(name);
  }

  /// The runs with their states; new ones of the folder get the next numbers.
  private synchronized String list() {
    for (Path file : find(folder)) {
      if (runs.stream().noneMatch(run -> run.file().equals(file))) {
        Path relative = folder.relativize(file.resolveSibling(""));
        Path own = folder.toAbsolutePath().normalize().getFileName();
        String name = relative.toString().isEmpty() ? String.valueOf(own) : relative.toString();
        runs.add(new Run(name, file, new MetricsTail(file)));
      }
    }
    ArrayNode all = JSON.createArrayNode();
    for (Run run : runs) {
      update(run);
      all.addObject()
          .put("name", run.name())
          .put("state", run.tail().state())
          .put("changed", run.tail().changed());
    }
    return all.toString();
  }

  private static MetricsTail update(Run run) {
    try {
      run.tail().update();
    } catch (IOException e) {
      throw new UncheckedIOException(run.file() + " cannot be read: " + e.getMessage(), e);
    }
    return run.tail();
  }

  private void figures(HttpExchange exchange, String query) throws IOException {
    Matcher asked = QUERY.matcher(query);
    if (!asked.matches()) {
      answer(exchange, 400, "text/plain", "Ask for figures?runs=NUMBER.NUMBER&known=STATE.\n");
      return;
    }
    int[] numbers = Stream.of(asked.group(1).split("\\.")).mapToInt(Integer::parseInt).toArray();
    String html = html(numbers, asked.group(2));
    if (html == null) {
      answer(exchange, 404, "text/plain", "There is no run of this number.\n");
    } else if (html.isEmpty()) {
      exchange.sendResponseHeaders(204, -1);
    } else {
      answer(exchange, 200, "text/html", html);
    }
  }

  // The drawings of runs; empty where they are known already, null where there is no such run.
  private synchronized @Nullable String html(int[] numbers, String known) {
    Map<String, MetricsTail> shown = new LinkedHashMap<>();
    for (int number : numbers) {
      if (number >= runs.size()) {
        return null;
      }
      shown.put(runs.get(number).name(), update(runs.get(number)));
    }
    String state = shown.values().stream().map(MetricsTail::state).collect(Collectors.joining("."));
    List<String> names = runs.stream().map(Run::name).toList();
    return state.equals(known) ? "" : new LiveCurves(names).html(shown, state);
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
