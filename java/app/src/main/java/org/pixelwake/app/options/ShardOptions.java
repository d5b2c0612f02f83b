package org.pixelwake.app.options;

import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.dataset.Sharding;
import picocli.CommandLine.Option;

/// Whether a data set goes to several files.
public final class ShardOptions {
  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Write a folder of N files of nearly the same number of clusters, part-00000.parquet and so"
              + " on, in place of one file. Such a folder can be given wherever a data set can.")
  private @Nullable Integer shards;

  @Option(
      names = "--shard-clusters",
      paramLabel = "N",
      description = "Write a folder of files of N clusters each, the last of what is left.")
  private @Nullable Long clusters;

  /// @throws InputException where they cannot be
  public void check() {
    if (shards != null && clusters != null) {
      throw new InputException(
          "--shards", "--shard-clusters tells their number too", "Give one of them");
    }
    if (shards != null && shards < 1) {
      throw new InputException("--shards", shards + " files", "Give 1 or more");
    }
    if (clusters != null && clusters < 1) {
      throw new InputException("--shard-clusters", clusters + " clusters", "Give 1 or more");
    }
  }

  /// Whether a folder is written.
  public boolean any() {
    return shards != null || clusters != null;
  }

  /// Whether the number of clusters must be known before the first is written.
  public boolean needTotal() {
    return shards != null;
  }

  /// How so many clusters are divided, or null where they go to one file.
  public @Nullable Sharding of(long total) {
    if (shards != null) {
      return Sharding.into(shards, total);
    }
    return clusters == null ? null : Sharding.ofClusters(clusters);
  }
}
