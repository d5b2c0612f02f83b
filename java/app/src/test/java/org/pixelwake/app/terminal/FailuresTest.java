package org.pixelwake.app.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.Main;
import org.pixelwake.base.InputException;

final class FailuresTest {
  @TempDir Path folder;
  private final StringWriter err = new StringWriter();

  private int report(Throwable failure) {
    Console console = Console.of(new StringWriter(), err);
    Path blocked = folder.resolve("file");
    try {
      if (Files.notExists(blocked)) {
        Files.createFile(blocked);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    // The first cannot be made a folder.
    return new Failures(console, List.of(blocked, folder.resolve("state")))
        .report(failure, List.of("info", "x"));
  }

  @Test
  void aDefectIsToldInALineWithItsLog() throws IOException {
    assertEquals(3, report(new IllegalStateException("the planets are aligned")));
    assertEquals(1, err.toString().lines().count());
    assertTrue(err.toString().contains("the planets are aligned"));
    assertFalse(err.toString().contains("\tat "));
    try (var logs = Files.list(folder.resolve("state"))) {
      Path log = logs.findFirst().orElseThrow();
      assertTrue(err.toString().contains(log.toString()), err.toString());
      String text = Files.readString(log);
      assertTrue(text.contains("arguments: [info, x]"), text);
      assertTrue(text.contains("\tat org.pixelwake.app.terminal.FailuresTest"), text);
      assertTrue(text.startsWith("Pixelwake "), text);
    }
  }

  @Test
  void tooLittleMemoryComesWithTheRemedy() {
    assertEquals(3, report(new OutOfMemoryError("Java heap space")));
    assertTrue(err.toString().contains("PIXELWAKE_JAVA_OPTS=-Xmx"), err.toString());
  }

  @Test
  void stoppedIsNoDefect() {
    assertEquals(130, report(new CancellationException("x")));
    assertEquals("pixelwake: stopped\n", err.toString());
  }

  @Test
  void errorsAreRedOnATerminalOnly() {
    InputException wrong = new InputException("a@|red b|@.txt", "line 3", "is wrong", "Mend it");
    assertEquals(2, report(wrong));
    assertEquals("pixelwake: a@|red b|@.txt: line 3: is wrong. Mend it.\n", err.toString());
    StringWriter coloured = new StringWriter();
    Console terminal = Console.terminal(new StringWriter(), coloured, 80);
    new Failures(terminal, List.of()).report(wrong, List.of());
    assertEquals(
        "\u001b[31mpixelwake: a@|red b|@.txt: line 3: is wrong. Mend it.\u001b[0m\n",
        coloured.toString());
  }

  @Test
  void aReaderThatHasGoneEndsQuietly() {
    assertEquals(141, writingTo("Broken pipe"));
    assertEquals("", err.toString());
    assertEquals(2, writingTo("No space left on device"));
    assertTrue(err.toString().contains("No space left on device"), err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  private int writingTo(String failure) {
    Writer out =
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) {
            throw new Console.OutputException(new IOException(failure));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    int help = Main.run(Console.of(out, err), "--help");
    int info = Main.run(Console.of(out, err), "info", Cli.fixture("t3pa/tabs.t3pa").toString());
    assertEquals(help, info);
    return help;
  }
}
