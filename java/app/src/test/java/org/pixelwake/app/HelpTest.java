package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.app.command.Pixelwake;
import org.pixelwake.app.terminal.Console;
import org.pixelwake.app.terminal.Failures;
import picocli.CommandLine;

final class HelpTest {
  private static CommandLine commandLine() {
    Console console = Console.of(new StringWriter(), new StringWriter());
    return Pixelwake.commandLine(console, new Failures(console, List.of()));
  }

  static Set<String> commands() {
    return commandLine().getSubcommands().keySet();
  }

  @Test
  void rootTellsAFirstSession() {
    Cli cli = Cli.run("--help");
    assertEquals(0, cli.code());
    int at = -1;
    for (String step : new String[] {"info", "dataset", "pretrain", "reconstruct"}) {
      int next = cli.out().indexOf("\n  pixelwake " + step + " ");
      assertTrue(next > at, step + " is not the next step of: " + cli.out());
      at = next;
    }
    for (String command : commands()) {
      assertTrue(cli.out().contains("\n  " + command + " "), command);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(String command) {
    Cli cli = Cli.run("help", command);
    assertEquals(0, cli.code());
    assertTrue(cli.out().contains("Usage: pixelwake " + command), cli.out());
    assertFalse(cli.out().contains("Default: null"), cli.out());
    assertFalse(cli.out().contains("Default: []"), cli.out());
    if (!command.equals("help")) {
      assertEquals(cli.out(), Cli.run(command, "--help").out());
    }
  }

  @Test
  void showsDefaults() {
    assertTrue(Cli.run("info", "--help").out().contains("Default: 200"));
  }

  @Test
  void versionAndCompletion() {
    Cli version = Cli.run("--version");
    assertEquals(0, version.code());
    assertTrue(
        version.out().matches("Pixelwake \\d+\\.\\d+\\.\\d+\\S*\\RJava 2(?s:.*)"), version.out());
    Cli completion = Cli.run("generate-completion");
    assertEquals(0, completion.code());
    assertTrue(completion.out().contains("complete -F _complete_pixelwake"), completion.out());
  }
}
