package org.pixelwake.app.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.run.data.ClusterSql;
import org.pixelwake.run.data.FileKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `pixelwake query`.
@Command(
    name = "query",
    description = {
      "Answers a question about a data set in SQL, by DuckDB.",
      "",
      "The table is clusters, a row a cluster, with the columns of the file and size, energy"
          + " (of the whole cluster) and time (ns).",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake query tracks.parquet \"select count(*), avg(energy) from clusters\"",
      "  pixelwake query satram.parquet \"select particle, size, count(*) as n from clusters"
          + " group by all order by all\""
    })
public final class QueryCommand extends PixelwakeCommand {
  @Parameters(paramLabel = "FILE.parquet", description = "Data set.")
  private @Nullable Path file;

  @Parameters(paramLabel = "SQL", description = "The query.")
  private String query = "";

  @Override
  public Integer call() {
    Path from = given(file);
    if (FileKind.of(from) != FileKind.DATASET) {
      throw new InputException(
          from, "it is not a data set", "Make one of it with the command dataset");
    }
    try (ClusterSql sql = ClusterSql.open(from)) {
      sql.ask(query).print(out());
    }
    return ExitCode.OK;
  }
}
