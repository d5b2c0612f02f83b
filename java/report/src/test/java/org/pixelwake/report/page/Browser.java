package org.pixelwake.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/// A headless Chromium that runs the scripts of a page, where one is installed.
final class Browser {
  private Browser() {}

  /// The program; the test is skipped where there is none.
  static Path find() {
    Optional<Path> browser =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(browser.isPresent(), "no Chromium on the PATH: scripts of the report not run");
    return browser.get();
  }

  /// The page after its scripts ran without a message on the console; the test is skipped where
  /// there is no browser.
  static Document open(String html, Path directory) throws IOException, InterruptedException {
    Path browser = find();
    Path file = directory.resolve("report.html");
    Files.writeString(file, html);
    Path dom = directory.resolve("dom.html");
    Path log = directory.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                List.of(
                    browser.toString(),
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
