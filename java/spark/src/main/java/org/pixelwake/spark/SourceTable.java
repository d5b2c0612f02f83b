package org.pixelwake.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.timepix.dataset.Shards;

/// The table of what became of each source, as CSV.
final class SourceTable {
  /// Begins so that programs which read the folder as one table leave it out.
  static final String NAME = "_sources.csv";

  private SourceTable() {}

  static void write(Path file, List<Outcome> outcomes) throws IOException {
    StringBuilder text = new StringBuilder("part,source,clusters,hits,malformed,failed,notices\n");
    for (Outcome outcome : outcomes) {
      text.append(outcome.clusters() == 0 ? "" : Shards.fileName(outcome.part().number()));
      text.append(',').append(quoted(outcome.part().source()));
      text.append(',').append(outcome.clusters()).append(',').append(outcome.hits());
      text.append(',').append(outcome.malformed()).append(',').append(outcome.failed());
      text.append(',').append(quoted(outcome.notices())).append('\n');
    }
    AtomicFile.write(file, text.toString());
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"").replace('\n', ' ') + '"';
  }
}
