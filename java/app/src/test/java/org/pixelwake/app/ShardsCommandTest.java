package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;

class ShardsCommandTest {
  @TempDir Path temp;
  private Path whole = Path.of("");
  private Path parts = Path.of("");

  @BeforeEach
  void make() throws IOException {
    Path a = Files.writeString(temp.resolve("a.clog"), Cli.clog(20, 10, 5));
    Path b = Files.writeString(temp.resolve("b.clog"), Cli.clog(7, 8));
    whole = temp.resolve("whole.parquet");
    parts = temp.resolve("parts");
    succeeds("dataset", a, b, "-o", whole);
    Cli cli = succeeds("dataset", a, b, "-o", parts, "--shards", 4);
    assertTrue(cli.out().contains("parts: 50 clusters, 78 hits"), cli.out());
  }

  private static Cli succeeds(Object... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(ExitCode.OK, cli.code(), cli.err());
    return cli;
  }

  private static void refused(String part, Object... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(ExitCode.USER_ERROR, cli.code(), cli.out());
    assertTrue(cli.err().contains(part), cli.err());
  }

  private static void assertSame(Path expected, Path actual) {
    try (DatasetReader a = DatasetReader.open(expected);
        DatasetReader b = DatasetReader.open(actual)) {
      assertEquals(a.info(), b.info());
      ClusterTable one = a.loadAll();
      ClusterTable other = b.loadAll();
      assertEquals(one.count(), other.count());
      for (int row = 0; row < one.count(); row++) {
        assertEquals(one.source(row), other.source(row));
        assertEquals(one.size(row), other.size(row));
        assertEquals(one.cluster(row).y()[0], other.cluster(row).y()[0]);
      }
    }
  }

  @Tag("slow")
  @Test
  void commandsReadAFolderAsAFile() throws IOException {
    assertSame(whole, parts);
    try (DatasetReader reader = DatasetReader.open(parts)) {
      assertEquals(
          List.of(0L, 13L, 26L, 38L),
          reader.parts().stream().map(DatasetReader.Part::firstRow).toList());
    }
    ObjectNode one = (ObjectNode) succeeds("info", "--json", whole).json();
    ObjectNode other = (ObjectNode) succeeds("info", "--json", parts).json();
    assertEquals(one.without("file"), other.without("file"));

    Path glob = temp.resolve("parts/part-*.parquet");
    Path again = temp.resolve("again.parquet");
    succeeds("dataset", glob, "-o", again);
    assertSame(whole, again);
    Path features = temp.resolve("whole.csv");
    succeeds("features", whole, "-o", features);
    Path same = temp.resolve("parts.csv");
    succeeds("features", parts, "-o", same);
    assertEquals(Files.readString(features), Files.readString(same));
    for (String sql :
        List.of(
            "select * exclude (x, y, hit_energy, toa) from clusters order by file_row_number",
            "select source, size, count(*) from clusters group by all order by all")) {
      assertEquals(succeeds("query", whole, sql).out(), succeeds("query", parts, sql).out());
    }
  }

  @Tag("slow")
  @Test
  void rowsAreChosenOfAFolderAsOfAFile() {
    Path some = temp.resolve("some.parquet");
    succeeds("dataset", whole, "-o", some, "--where", "size > 1 or source = 1");
    Path chosen = temp.resolve("chosen");
    succeeds(
        "dataset", parts, "-o", chosen, "--where", "size > 1 or source = 1", "--shard-clusters", 9);
    assertSame(some, chosen);
    Path balanced = temp.resolve("balanced.parquet");
    succeeds("dataset", whole, "-o", balanced, "--balance", "--min-bin", 5);
    Path folder = temp.resolve("balanced");
    succeeds("dataset", parts, "-o", folder, "--balance", "--min-bin", 5, "--shards", 2);
    assertSame(balanced, folder);
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    Path out = temp.resolve("out");
    refused("Give one of them", "dataset", whole, "-o", out, "--shards", 2, "--shard-clusters", 2);
    refused("so many files", "dataset", whole, "-o", out, "--shards", 51);
    refused("Give 1 or more", "dataset", whole, "-o", out, "--shards", 0);
    refused("exists", "dataset", whole, "-o", parts, "--shards", 2);
    refused("is an input", "dataset", parts, "-o", parts, "--shards", 2, "--force");
    assertTrue(Files.notExists(out));
    refused("a file, not a folder", "dataset", parts, "-o", whole, "--shards", 2, "--force");
    Path other = Files.createDirectories(temp.resolve("other/own")).getParent();
    refused("holds own", "dataset", whole, "-o", other, "--shards", 2, "--force");
    succeeds("dataset", whole, "-o", parts, "--shards", 2, "--force");
    assertSame(whole, parts);
    Path missing = parts.resolve("part-00001.parquet");
    Files.delete(missing);
    for (Object[] command :
        new Object[][] {
          {"info", parts},
          {"query", parts, "select 1"},
          {"pretrain", parts, "-o", temp.resolve("run"), "--device", "cpu"},
          {"features", parts, "-o", temp.resolve("f.csv")},
          {"dataset", parts, "-o", temp.resolve("d.parquet")}
        }) {
      refused(missing + ": this file of the data set is missing", command);
    }
    try (var left = Files.list(temp)) {
      assertTrue(
          left.noneMatch(file -> file.getFileName().toString().matches("(\\..*|f.csv|d.parquet)")));
    }
  }
}
