package org.pixelwake.timepix.io.cluster;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ClusterSource;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Tally;

/// Ready clusters of one or several files of one format.
final class ClusterFiles extends AbstractFiles<ClusterFiles.Reader> implements ClusterSource {
  /// Reads the clusters of one file.
  interface Reader extends AutoCloseable {
    /// The next cluster, null at the end.
    @Nullable Cluster read();

    @Override
    void close();
  }

  private final Function<FileTree.Entry, Reader> opener;

  ClusterFiles(
      FileTree tree,
      List<FileTree.Entry> files,
      SourceInfo info,
      Tally tally,
      Function<FileTree.Entry, Reader> opener) {
    super(tree, files, info, tally);
    this.opener = opener;
  }

  @Override
  public Reader open(FileTree.Entry file) {
    return opener.apply(file);
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
