package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.app.Cli;
import org.pixelwake.app.Main;
import org.pixelwake.run.report.WatchServer;

final class WatchCommandTest {
  private static final String CSV = "step,loss,heldout_loss\n1,0.5,\n2,0.25,0.75\n";

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void run() throws IOException {
    Files.writeString(folder.resolve("metrics.csv"), CSV);
    Files.writeString(folder.resolve("secret.txt"), "secret");
  }

  private static WatchServer start(Path folder) {
    return WatchServer.start(folder, InetAddress.getLoopbackAddress(), 0);
  }

  private HttpResponse<String> get(WatchServer server, String path) throws Exception {
    URI uri = URI.create(server.address() + path);
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
        BodyHandlers.ofString());
  }

  private JsonNode json(WatchServer server, String path) throws Exception {
    return JsonMapper.builder().build().readTree(get(server, path).body());
  }

  /// The numbers of the first figure.
  private static JsonNode values(HttpResponse<String> figures) throws IOException {
    String html = figures.body();
    int start = html.indexOf('>', html.indexOf("data-drawn=")) + 1;
    String json = html.substring(start, html.indexOf("</script>", start));
    return JsonMapper.builder().build().readTree(json);
  }

  @Test
  void servesPageRunsAndFigures() throws Exception {
    try (WatchServer server = start(folder)) {
      HttpResponse<String> page = get(server, "");
      assertEquals(200, page.statusCode());
      assertEquals(
          "text/html; charset=utf-8", page.headers().firstValue("Content-Type").orElse(""));
      assertTrue(page.body().contains("connect-src &#39;self&#39;"), "policy");
      assertFalse(page.body().contains("src=\"http"), "nothing from elsewhere");
      JsonNode runs = json(server, "runs");
      assertEquals(1, runs.size());
      HttpResponse<String> figures = get(server, "figures?runs=0&known=");
      assertEquals(
          "text/html; charset=utf-8", figures.headers().firstValue("Content-Type").orElse(""));
      assertEquals("[0.5,0.25]", values(figures).at("/lines/0/y").toString());
      assertEquals("[2]", values(figures).at("/lines/1/x").toString());
      String state = runs.get(0).get("state").asText();
      assertTrue(figures.body().contains("data-state=\"" + state + "\""), state);
      assertEquals(204, get(server, "figures?runs=0&known=" + state).statusCode());
      Files.writeString(folder.resolve("metrics.csv"), "3,0.125,\n", StandardOpenOption.APPEND);
      HttpResponse<String> more = get(server, "figures?runs=0&known=" + state);
      assertEquals("[1,2,3]", values(more).at("/lines/0/x").toString());
    }
  }

  @Test
  void showsAllRunsBelowAFolderAndNewOnes() throws Exception {
    Path study = folder.resolve("study");
    for (String name : List.of("b/seed-1", "a/seed-1")) {
      Files.createDirectories(study.resolve(name));
      Files.writeString(study.resolve(name).resolve("metrics.csv"), CSV);
    }
    try (WatchServer server = start(study)) {
      JsonNode runs = json(server, "runs");
      assertEquals("a/seed-1", runs.get(0).get("name").asText());
      assertEquals("b/seed-1", runs.get(1).get("name").asText());
      Files.createDirectories(study.resolve("a/seed-0"));
      Files.writeString(study.resolve("a/seed-0/metrics.csv"), "step,loss\n");
      // Numbers stay what they were: the page asks by them.
      assertEquals("a/seed-0", json(server, "runs").get(2).get("name").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret.txt",
        "../secret.txt",
        "%2e%2e/secret.txt",
        "figures/../secret.txt",
        "metrics.csv",
        "/figures",
        "runs/"
      })
  void knowsNoOtherPaths(String path) throws Exception {
    try (WatchServer server = start(folder)) {
      String answer = raw(server, "GET /" + path + " HTTP/1.1", "localhost");
      assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
      assertFalse(answer.contains("secret\n"), answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"figures", "figures?runs=-1&known=", "figures?runs=../x&known=", "figures?file=x"})
  void refusesOtherQuestions(String path) throws Exception {
    try (WatchServer server = start(folder)) {
      assertEquals(400, get(server, path).statusCode());
      assertEquals(404, get(server, "figures?runs=7&known=").statusCode());
    }
  }

  @Test
  void answersNothingButGet() throws Exception {
    try (WatchServer server = start(folder)) {
      for (String method : List.of("POST", "PUT", "DELETE", "HEAD", "OPTIONS")) {
        HttpRequest request =
            HttpRequest.newBuilder(server.address())
                .method(method, BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        assertEquals(405, answer.statusCode(), method);
        assertEquals("GET", answer.headers().firstValue("Allow").orElse(""), method);
      }
    }
  }

  @Test
  void answersUnderItsOwnNameOnly() throws Exception {
    try (WatchServer server = start(folder)) {
      int port = server.address().getPort();
      assertTrue(raw(server, "GET /runs HTTP/1.1", "evil.example").startsWith("HTTP/1.1 421"));
      assertTrue(
          raw(server, "GET /runs HTTP/1.1", "evil.example:" + port).startsWith("HTTP/1.1 421"));
      assertTrue(raw(server, "GET /runs HTTP/1.1", "127.0.0.1:" + port).startsWith("HTTP/1.1 200"));
    }
  }

  /// As typed: the client of Java would tidy paths and sets its own host.
  private static String raw(WatchServer server, String line, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String request = line + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatCannotBeWatchedIsTheUsersError() throws IOException {
    Cli missing = Cli.run("watch", folder.resolve("gone"));
    assertEquals(2, missing.code());
    assertTrue(missing.err().contains("is no folder"), missing.err());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Cli nothing = Cli.run("watch", empty);
    assertEquals(2, nothing.code());
    assertTrue(nothing.err().contains("there is no run in it"), nothing.err());
    assertEquals(2, Cli.run("watch", folder, "--port", "70000").code());
    assertEquals(2, Cli.run("watch", folder, "--bind", "no.such.host.invalid").code());
    try (WatchServer server = start(folder)) {
      Cli taken = Cli.run("watch", folder, "--port", server.address().getPort());
      assertEquals(2, taken.code());
      assertTrue(taken.err().contains("cannot be listened on"), taken.err());
    }
  }

  @Test
  void endsByCtrlCWithCodeZero() throws Exception {
    // A build in the background of a shell ignores Ctrl-C, and what it starts would too.
    Process process =
        new ProcessBuilder(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "--enable-native-access=ALL-UNNAMED",
                Main.class.getName(),
                "watch",
                folder.toString(),
                "--port",
                "0",
                "--bind",
                "0.0.0.0")
            .redirectError(folder.resolve("err.txt").toFile())
            .start();
    try (BufferedReader out = process.inputReader()) {
      String address = out.readLine();
      assertTrue(address != null && address.startsWith("http://localhost:"), address);
      HttpRequest request = HttpRequest.newBuilder(URI.create(address + "runs")).build();
      assertEquals(200, client.send(request, BodyHandlers.ofString()).statusCode());
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
      assertEquals(0, process.exitValue());
      String err = Files.readString(folder.resolve("err.txt"));
      assertTrue(err.contains("Warning: everyone who reaches"), err);
    } finally {
      process.destroyForcibly();
    }
  }
}
