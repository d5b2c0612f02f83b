package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.app.Main;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.run.FolderLock;
import org.pixelwake.run.Host;
import org.pixelwake.training.Checkpoint;

/// Runs that want the same folder, and starts that fail.
class TwoRunsTest {
  @TempDir Path temp;
  private Path dataset = Path.of("");
  private Path run = Path.of("");

  @BeforeEach
  void simulate() {
    dataset = temp.resolve("data.parquet");
    run = temp.resolve("run");
    Cli done = Cli.run("simulate", "--preset", "satram-real", "--particles", 120, "-o", dataset);
    assertEquals(ExitCode.OK, done.code(), done.err());
  }

  private List<String> pretrain(Object... more) {
    List<String> words =
        new ArrayList<>(List.of("pretrain", dataset.toString(), "-o", run.toString()));
    words.addAll(List.of("--arch", "efficientnet_w0.1_d0.1", "--side", "32", "--batch", "4"));
    words.addAll(List.of("--min-bin", "2", "--evaluate-clusters", "4", "--threads", "1"));
    for (Object word : more) {
      words.add(word.toString());
    }
    return words;
  }

  private Process start(List<String> words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dpixelwake.native.dir=" + System.getProperty("pixelwake.native.dir", ""),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(words);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(temp.resolve("out.txt").toFile())
        .start();
  }

  @Test
  void aFolderBelongsToTheRunThatIsInIt() throws Exception {
    Process first =
        start(pretrain("--steps", 1_000_000, "--checkpoint-minutes", 0.0001, "--seed", 7));
    try {
      while (first.isAlive() && !Checkpoint.exists(run)) {
        Thread.sleep(20);
      }
      assertTrue(first.isAlive(), () -> read(temp.resolve("out.txt")));
      refused(Cli.run(pretrain("--seed", 8).toArray()));
      refused(Cli.run("pretrain", "-o", run, "--resume"));
      refused(Cli.run("finetune", dataset, "-o", run));
      assertTrue(read(run.resolve("config.yaml")).contains("seed: 7"));
      assertTrue(first.isAlive(), "the first one goes on");
    } finally {
      first.destroyForcibly().waitFor(); // SIGKILL
    }
    // The lock file that it left behind claims nothing.
    FolderLock.take(run, Host.SILENT).close();
    assertFalse(Files.exists(run.resolve(".lock")));
  }

  private void refused(Cli second) {
    assertEquals(ExitCode.USER_ERROR, second.code(), second.err());
    assertTrue(second.err().contains(run + ": is in use by another run"), second.err());
    assertTrue(second.err().contains("choose another folder with -o"), second.err());
  }

  @Tag("slow")
  @Test
  void ofTwoThatStartAtOnceOneRuns() throws Exception {
    List<Process> both = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      both.add(start(pretrain("--steps", 20, "--seed", seed)));
    }
    List<Integer> codes = new ArrayList<>();
    for (Process one : both) {
      codes.add(one.waitFor());
    }
    assertEquals(
        List.of(ExitCode.OK, ExitCode.USER_ERROR), codes.stream().sorted().toList(), "codes");
    int seed = codes.indexOf(ExitCode.OK) + 1;
    assertTrue(read(run.resolve("config.yaml")).contains("seed: " + seed));
  }

  @Test
  void aFolderIsClaimedOnceInAProcess() {
    try (FolderLock _ = FolderLock.take(run, Host.SILENT)) {
      assertThrows(InputException.class, () -> FolderLock.take(run, Host.SILENT));
      Cli study = Cli.run("study", "--preset", "cpu-small", "-o", run);
      assertEquals(ExitCode.USER_ERROR, study.code());
      assertTrue(study.err().contains("is in use by another run"), study.err());
    }
    FolderLock.take(run, Host.SILENT).close();
  }

  @Test
  void aStartThatFailsLeavesNoFolder() {
    for (String command : List.of("pretrain", "finetune")) {
      for (List<String> wrong :
          List.of(
              List.of("--arch", "none"),
              List.of("--arch", "small_cnn", "--weights", "none.pth"),
              List.of("--min-hits", "60000", "--max-hits", "60001"))) {
        List<Object> words = new ArrayList<>(List.of(command, dataset, "-o", run));
        words.addAll(wrong);
        Cli failed = Cli.run(words.toArray());
        assertEquals(ExitCode.USER_ERROR, failed.code(), failed.err());
        assertFalse(Files.exists(run), command + " " + wrong + ": " + failed.err());
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
