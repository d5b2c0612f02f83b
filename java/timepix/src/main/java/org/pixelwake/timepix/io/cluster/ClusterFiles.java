package org.pixelwake.timepix.io.cluster;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ClusterSource;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Ready clusters of one or several files of one format.
final class ClusterFiles extends AbstractFiles<ClusterFiles.Reader> implements ClusterSource {
  /// Reads the clusters of one file.
  interface Reader extends AbstractFiles.Reader {
    /// The next cluster, null at the end.
    @Nullable Cluster read();
  }

  ClusterFiles(
      SourceOpener from,
      List<FileTree.Entry> files,
      SourceInfo info,
      Function<FileTree.Entry, Reader> opener) {
    super(from, files, info, opener);
  }

  @Override
  public @Nullable Cluster next() {
    for (Reader reader = reader(); reader != null; reader = reader()) {
      Cluster cluster = reader.read();
      if (cluster != null) {
        tally.clusters++;
        tally.hits += cluster.size();
        return cluster;
      }
      done();
    }
    return null;
  }
}
