package org.pixelwake.timepix.dataset;

import org.pixelwake.base.InputException;

/// How the clusters of a data set go to several files, in their order.
///
/// @param clusters clusters of a file, at least 1; the last has what is left
/// @param longer how many of the first files have one more
public record Sharding(long clusters, long longer) {
  public Sharding {
    if (clusters < 1 || longer < 0) {
      throw new IllegalArgumentException("files of " + clusters + " clusters");
    }
  }

  /// Files of so many clusters.
  public static Sharding ofClusters(long clusters) {
    return new Sharding(clusters, 0);
  }

  /// So many files of nearly the same number of clusters.
  ///
  /// @param total clusters of the data set
  /// @throws InputException where there are more files than clusters
  public static Sharding into(int files, long total) {
    if (files < 1 || total < files) {
      throw new InputException(
          "shards",
          Integer.toString(files),
          "there are " + total + " clusters for so many files",
          "Give a number of files from 1 to that of the clusters");
    }
    return new Sharding(total / files, total % files);
  }

  /// Clusters of a file, from 0.
  long of(int file) {
    return clusters + (file < longer ? 1 : 0);
  }
}
