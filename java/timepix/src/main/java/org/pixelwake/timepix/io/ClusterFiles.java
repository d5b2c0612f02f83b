package org.pixelwake.timepix.io;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;

/// Ready clusters of one or several files of one format.
final class ClusterFiles extends AbstractFiles<ClusterFiles.Reader> implements ClusterSource {
  /// Reads the clusters of one file.
  interface Reader extends AutoCloseable {
    /// The next cluster, null at the end.
    @Nullable Cluster read();

    @Override
    void close();
  }

  private final Function<Tree.Entry, Reader> opener;

  ClusterFiles(
      Tree tree,
      List<Tree.Entry> files,
      SourceInfo info,
      Tally tally,
      Function<Tree.Entry, Reader> opener) {
    super(tree, files, info, tally);
    this.opener = opener;
  }

  @Override
  Reader open(Tree.Entry file) {
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
