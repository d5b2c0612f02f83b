package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.engine.group.MpiGroup;
import org.pixelwake.run.RunFolder;

/// `pretrain --mpi` and `finetune --mpi` in two processes that mpirun starts.
@Tag("slow")
final class MpiTest {
  private static final long SECONDS = 120;
  private static final String RANK = "OMPI_COMM_WORLD_RANK=";

  // A killed process of a finetuning too, which ends as one of a pretraining does: 15 s more.
  private static final boolean ALL = Boolean.getBoolean("pixelwake.mpi.all");

  @TempDir Path folder;
  private Path data = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    MpiGroup.Availability mpi = MpiGroup.probe();
    Assumptions.assumeTrue(mpi.usable(), () -> "skipped without MPI: " + mpi.detail());
    boolean launcher =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "mpirun")));
    Assumptions.assumeTrue(launcher, "skipped without mpirun: apt-get install openmpi-bin");
    Path clusters = folder.resolve("data.clog");
    Files.writeString(clusters, Cli.clog(12, 12, 12, 12, 12, 12));
    data = folder.resolve("data.parquet");
    assertEquals(0, Cli.run("dataset", clusters, "-o", data).code());
  }

  @Test
  void lossesAreThoseOfOneProcessAndAKilledOneLeavesARunToGoOnWith() throws Exception {
    Path one = folder.resolve("one");
    Cli alone = Cli.run(arguments(one, 50, false).toArray());
    assertEquals(0, alone.code(), alone.err());
    Path two = folder.resolve("two");
    Job job = new Job(arguments(two, 50, true));
    assertEquals(0, job.end(), job::said);
    // Rank 1 says nothing.
    assertEquals(1, job.said().split("clusters to train on", -1).length - 1, job::said);
    same(one, two, List.of("loss", "image_loss", "cluster_loss", "threshold_loss"));
    killed("pretrain", two, arguments(folder.resolve("killed"), 50, true));
  }

  @Test
  void finetuningIsThatOfOneProcess() throws Exception {
    Path one = folder.resolve("one");
    Cli alone = Cli.run(with(finetuning(), one, 50, false).toArray());
    assertEquals(0, alone.code(), alone.err());
    Path two = folder.resolve("two");
    Job job = new Job(with(finetuning(), two, 50, true));
    assertEquals(0, job.end(), job::said);
    same(one, two, List.of("loss", "class_loss", "gradient_norm"));
    assertTrue(Files.exists(two.resolve("report.html")), job::said);
    if (ALL) {
      killed("finetune", two, with(finetuning(), folder.resolve("killed"), 50, true));
    }
  }

  @Test
  void allProcessesLosePatienceTogether() throws Exception {
    // So little is learned that the accuracy soon stays what it is.
    List<String> learning = finetuning();
    learning.addAll(List.of("--monitor", "accuracy", "--patience", "2", "--final-rate", "0"));
    Path run = folder.resolve("run");
    List<String> arguments = with(learning, run, 50, true);
    arguments.set(arguments.indexOf("2e-5"), "1e-12");
    arguments.set(arguments.lastIndexOf("50"), "2");
    Job job = new Job(arguments);
    assertEquals(0, job.end(), job::said);
    assertTrue(job.said().contains("nothing better in the last evaluations"), job::said);
    assertTrue(new RunFolder(run).column("loss").values().length < 50, job::said);
  }

  @Test
  void whatAllFindWrongIsSaid() throws Exception {
    List<String> wrong = with(finetuning(), folder.resolve("run"), 50, true);
    wrong.set(wrong.indexOf("a=*data*,b=*other*"), "a=*data*,b=*none*");
    Job job = new Job(wrong);
    assertTrue(job.end() != 0, job::said);
    assertTrue(job.said().contains("b=*none*: no source is left for it"), job::said);
    assertFalse(job.said().contains("cannot be"), job::said);
  }

  // Two files of the same clusters, with other energies of their hits.
  private List<String> finetuning() throws IOException {
    Path other = folder.resolve("other.clog");
    Files.writeString(other, Cli.clog(12, 12, 12, 12, 12, 12).replace(", 10]", ", 40]"));
    Path both = folder.resolve("both.parquet");
    if (!Files.exists(both)) {
      Cli made = Cli.run("dataset", folder.resolve("data.clog"), other, "-o", both);
      assertEquals(0, made.code(), made.err());
    }
    List<String> learning = new ArrayList<>(List.of("finetune", both.toString()));
    learning.addAll(List.of("--labels", "source", "--classes", "a=*data*,b=*other*"));
    learning.addAll(List.of("--split-unit", "cluster", "--balance", "true"));
    return learning;
  }

  private static void same(Path one, Path two, List<String> columns) {
    for (String column : columns) {
      double[] expected = new RunFolder(one).column(column).values();
      double[] actual = new RunFolder(two).column(column).values();
      assertEquals(50, expected.length);
      assertEquals(50, actual.length);
      for (int i = 0; i < 50; i++) {
        assertEquals(expected[i], actual[i], 1e-5 * expected[i], column + " of step " + (i + 1));
      }
    }
  }

  // The same run once more; rank 1 is killed on the way.
  private void killed(String command, Path whole, List<String> arguments) throws Exception {
    Path run = folder.resolve("killed");
    // A second is too little for a checkpoint on a busy machine.
    Job job = new Job(arguments, 4);
    job.await(() -> lines(run.resolve("metrics.csv")) > 5);
    job.rank(1).destroyForcibly();
    assertTrue(job.end() != 0, job::said);
    assertTrue(job.said().contains("a checkpoint after step"), job::said);
    assertTrue(job.said().contains("rank 1"), job::said);
    Job resumed =
        new Job(List.of(command, "-o", run.toString(), "--resume", "--mpi", "--device", "cpu"));
    assertEquals(0, resumed.end(), resumed::said);
    assertTrue(resumed.said().contains("resuming after step"), resumed::said);
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("model.safetensors")),
        Files.readAllBytes(run.resolve("model.safetensors")));
  }

  private List<String> arguments(Path run, int steps, boolean mpi) {
    List<String> pretraining = new ArrayList<>(List.of("pretrain", data.toString()));
    pretraining.addAll(List.of("--min-bin", "5", "--mask-fraction", "0.25", "--pictures", "1"));
    return with(pretraining, run, steps, mpi);
  }

  private static List<String> with(List<String> command, Path run, int steps, boolean mpi) {
    List<String> arguments = new ArrayList<>(command);
    arguments.addAll(List.of("-o", run.toString(), "--device", "cpu", "--threads", "1"));
    arguments.addAll(List.of("--arch", "efficientnet_w0.2_d0.3", "--side", "32", "--batch", "16"));
    arguments.addAll(List.of("--steps", Integer.toString(steps), "--learning-rate", "2e-5"));
    arguments.addAll(List.of("--held-out", "0.2", "--evaluate-every", "50"));
    if (mpi) {
      arguments.add("--mpi");
    }
    return arguments;
  }

  private static long lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /// Two processes under mpirun.
  private final class Job {
    private final Process mpirun;
    private final Path log;

    Job(List<String> arguments) throws IOException {
      this(arguments, 1);
    }

    /// @param patience seconds that Open MPI leaves the others when one has failed, 1 by default
    Job(List<String> arguments, int patience) throws IOException {
      log = Files.createTempFile(folder, "job", ".log");
      List<String> command = new ArrayList<>(List.of("mpirun", "-n", "2"));
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
      command.add("-XX:TieredStopAtLevel=1");
      command.add("-Dpixelwake.native.dir=" + System.getProperty("pixelwake.native.dir", ""));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
      command.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT", "1");
      builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
      builder.environment().put("OMPI_MCA_rmaps_base_oversubscribe", "1");
      builder.environment().put("OMPI_MCA_odls_base_sigkill_timeout", Integer.toString(patience));
      mpirun = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    void await(BooleanSupplier condition) throws InterruptedException {
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() > limit || !mpirun.isAlive()) {
          fail(said());
        }
        Thread.sleep(20);
      }
    }

    ProcessHandle rank(int rank) {
      return mpirun
          .descendants()
          .filter(process -> environment(process).contains(RANK + rank + "\0"))
          .findFirst()
          .orElseThrow();
    }

    private static String environment(ProcessHandle process) {
      try {
        return Files.readString(
            Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        return "";
      }
    }

    int end() throws InterruptedException {
      if (!mpirun.waitFor(SECONDS, TimeUnit.SECONDS)) {
        mpirun.destroyForcibly();
        fail(said());
      }
      return mpirun.exitValue();
    }

    String said() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
