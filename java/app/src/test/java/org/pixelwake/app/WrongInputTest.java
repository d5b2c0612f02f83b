package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WrongInputTest {
  @TempDir Path folder;

  private static void refused(Cli cli, String... words) {
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().startsWith("pixelwake: "), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
    assertEquals("", cli.out());
    for (String word : words) {
      assertTrue(cli.err().contains(word), word + " is not in: " + cli.err());
    }
  }

  static Stream<String> commandsThatRead() {
    return Stream.of("info", "convert", "cluster", "dataset");
  }

  private Cli read(String command, Path input) {
    return command.equals("info")
        ? Cli.run(command, input)
        : Cli.run(command, input, "-o", folder.resolve("out.parquet"));
  }

  @ParameterizedTest
  @MethodSource("commandsThatRead")
  void missingFile(String command) {
    refused(read(command, folder.resolve("none.t3pa")), "none.t3pa", "exist");
  }

  @ParameterizedTest
  @MethodSource("commandsThatRead")
  void emptyFolder(String command) throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    refused(read(command, empty), "empty", "holds no file");
  }

  @ParameterizedTest
  @MethodSource("commandsThatRead")
  void emptyFile(String command) throws IOException {
    refused(read(command, Files.createFile(folder.resolve("a.txt"))), "a.txt", "is empty");
  }

  @ParameterizedTest
  @MethodSource("commandsThatRead")
  void binaryFile(String command) throws IOException {
    byte[] bytes = new byte[100_000];
    new Random(7).nextBytes(bytes);
    refused(read(command, Files.write(folder.resolve("noise.txt"), bytes)), "noise.txt");
    assertFalse(Files.exists(folder.resolve("out.parquet")));
  }

  @Test
  void damagedParquetAndCheckpoints() throws IOException {
    refused(Cli.run("info", Files.writeString(folder.resolve("a.parquet"), "PAR1")), "a.parquet");
    refused(Cli.run("info", Files.writeString(folder.resolve("a.pth"), "PK")), "a.pth");
    refused(
        Cli.run("info", Files.writeString(folder.resolve("a.safetensors"), "?")), "a.safetensors");
  }

  @Test
  void unknownOptionAndCommand() {
    refused(Cli.run("info", "--jsn", "a"), "--jsn", "Try 'pixelwake info --help'");
    refused(Cli.run("inof"), "inof", "Did you mean", "pixelwake info");
    refused(Cli.run("info"), "FILE");
    Cli none = Cli.run();
    assertEquals(2, none.code());
    assertTrue(none.err().contains("A first session"), none.err());
  }

  @Test
  void wrongValues() {
    Path file = Cli.fixture("t3pa/tabs.t3pa");
    refused(Cli.run("info", file, "--format", "jpeg"), "--format", "jpeg", "t3pa");
    refused(Cli.run("info", file, "--window-ns", "-1"), "--window-ns", "-1.0");
    refused(Cli.run("info", file, "--window-ns", "soon"), "--window-ns", "soon");
    refused(Cli.run("info", file, "--layout", "ring"), "--layout", "ring", "quad");
    refused(Cli.run("info", file, "--tolerance", "2"), "--tolerance");
    refused(Cli.run("info", file, "--transposed"), "--transposed", "--calibration");
    refused(Cli.run("info", file, "--calibration", folder.resolve("no")), "no", "exist");
    refused(Cli.run("info", file, "--format", "tpx3"), "tabs.t3pa");
    Path out = folder.resolve("o.parquet");
    refused(Cli.run("dataset", file, "-o", out, "--min-bin", "0"), "--min-bin");
    refused(Cli.run("dataset", file, "-o", out, "--max-hits", "0"), "--max-hits");
    refused(Cli.run("dataset", file, "-o", out, "--bin-base", "1"), "--bin-base");
    refused(Cli.run("convert", file, "-o", folder.resolve("o"), "--to", "png"), "--to", "png");
    refused(Cli.run("convert", file, "-o", folder.resolve("o")), "--to");
    refused(Cli.run("verify", file, file, "--threads", "-2"), "tabs.t3pa");
  }
}
