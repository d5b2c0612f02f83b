package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.ExponentialBins;

class ClusterSqlTest {
  private static final int PARTICLES = 3000;

  @TempDir Path temp;
  private Path all = Path.of("");

  @BeforeEach
  void simulate() {
    all = temp.resolve("all.parquet");
    Cli made =
        Cli.run(
            "simulate",
            "--preset",
            "satram-reference",
            "--particles",
            String.valueOf(PARTICLES),
            "-o",
            all);
    assertEquals(ExitCode.OK, made.code(), made.err());
  }

  private static ClusterTable table(Path file) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      return reader.loadAll();
    }
  }

  private static double energy(ClusterTable table, int row) {
    double sum = 0;
    for (float value : table.cluster(row).energy()) {
      sum += value;
    }
    return sum;
  }

  @Test
  void clustersForWhichAnExpressionHoldsAreKeptInTheirOrder() {
    Path some = temp.resolve("some.parquet");
    Cli made = Cli.run("dataset", all, "-o", some, "--where", "size > 8 and energy < 500 -- small");
    assertEquals(ExitCode.OK, made.code(), made.err());
    ClusterTable from = table(all);
    ClusterTable found = table(some);
    int next = 0;
    for (int row = 0; row < from.count(); row++) {
      if (from.size(row) > 8 && energy(from, row) < 500) {
        assertEquals(from.cluster(row).truth(), found.cluster(next).truth());
        assertEquals(from.size(row), found.size(next));
        next++;
      }
    }
    assertEquals(next, found.count());
    assertTrue(next > 50 && next < from.count());
    try (DatasetReader reader = DatasetReader.open(some)) {
      assertEquals("size > 8 and energy < 500 -- small", reader.info().properties().get("where"));
    }
  }

  @Tag("slow")
  @Test
  void particlesAreEquallyFrequentInEveryBin() {
    Path balanced = temp.resolve("balanced.parquet");
    Cli made =
        Cli.run(
            "dataset",
            all,
            "-o",
            balanced,
            "--balance",
            "--balance-classes",
            "--min-bin",
            "20",
            "--where",
            "energy > 20");
    assertEquals(ExitCode.OK, made.code(), made.err());
    ClusterTable found = table(balanced);
    Map<String, Integer> counts = new HashMap<>();
    for (int row = 0; row < found.count(); row++) {
      assertTrue(energy(found, row) > 20);
      int bin = ExponentialBins.POWERS_OF_TWO.indexOf(found.size(row));
      counts.merge(bin + " of " + found.cluster(row).truth().particle(), 1, Integer::sum);
    }
    assertTrue(counts.size() >= 4 && counts.size() % 2 == 0, counts.toString());
    assertEquals(1, counts.values().stream().distinct().count(), counts.toString());
  }

  @Test
  void aQueryIsAnswered() {
    Cli answer =
        Cli.run("query", all, "select particle, count(*) as n from clusters group by 1 order by 1");
    assertEquals(ExitCode.OK, answer.code(), answer.err());
    String[] lines = answer.out().strip().split("\n");
    assertEquals(3, lines.length, answer.out());
    assertTrue(lines[0].contains("particle") && lines[2].contains("2212"), answer.out());
  }

  @Tag("slow")
  @Test
  void wrongExpressionsAreOneLineAndLeaveNothing() throws IOException {
    Path some = temp.resolve("some.parquet");
    for (String wrong : new String[] {"size >", "length > 3", "size < 0"}) {
      Cli result = Cli.run("dataset", all, "-o", some, "--where", wrong);
      assertEquals(ExitCode.USER_ERROR, result.code(), wrong);
      assertEquals(1, result.err().strip().lines().count(), result.err());
      assertFalse(Files.exists(some));
    }
    Cli unknown = Cli.run("dataset", all, "-o", some, "--where", "length > 3");
    assertTrue(unknown.err().contains("\"length\" not found"), unknown.err());
    assertEquals(ExitCode.USER_ERROR, Cli.run("query", all, "select nothing").code());
    Path text = Files.writeString(temp.resolve("x.txt"), "1 2 3\n");
    assertEquals(ExitCode.USER_ERROR, Cli.run("query", text, "select 1").code());
    Cli alone = Cli.run("dataset", all, "-o", some, "--balance-classes");
    assertEquals(ExitCode.USER_ERROR, alone.code());
    assertTrue(alone.err().contains("--balance"));
  }
}
