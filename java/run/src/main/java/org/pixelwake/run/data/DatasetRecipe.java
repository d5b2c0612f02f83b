package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.RunFolders;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.Sharding;

/// How a data set is made of detector data and other data sets: which clusters are taken, and among
/// how many files they are divided.
///
/// @param options how to read detector data
/// @param properties facts to keep in the data set
/// @param minHits hits of the smallest clusters taken
/// @param maxHits hits of the largest clusters taken
/// @param where SQL expression that holds for the clusters taken ([ClusterSql]); null: all
/// @param balance how to choose by size, after `where`; null: all are taken
/// @param sharding tells for a number of clusters how they are divided; null for one file
/// @param counted whether `sharding` depends on that number
public record DatasetRecipe(
    ClusterOptions options,
    Map<String, String> properties,
    int minHits,
    int maxHits,
    @Nullable String where,
    @Nullable Balance balance,
    LongFunction<@Nullable Sharding> sharding,
    boolean counted) {
  /// A choice of clusters by size.
  ///
  /// @param balancer chooses
  /// @param classes whether each particle is equally frequent in every bin
  /// @param properties facts to keep in the data set
  public record Balance(Balancer balancer, boolean classes, Map<String, String> properties) {}

  /// A data set that was made.
  ///
  /// @param statistics of it
  /// @param selection what balancing chose; null where it was not asked for
  public record Made(DatasetStatistics statistics, Balancer.@Nullable Selection selection) {}

  /// Hears what becomes of the clusters.
  public interface Listener {
    /// Detector data were read.
    void read(Path input, ClusterReport report);

    /// Clusters were left out for their size.
    void outsideLimits(long clusters);

    /// Clusters were kept for which the expression holds.
    void kept(long clusters, long all);
  }

  /// Makes the data set, which appears under its name when it is whole.
  ///
  /// @param from detector data and data sets
  /// @param to the file, or the folder of its files
  /// @throws InputException where an input cannot be read, or no cluster is left
  public Made make(List<Path> from, Path to, Listener listener, Progress progress) {
    return balance == null && where == null
        ? new Made(all(from, to, listener, progress), null)
        : chosen(from, to, listener, progress);
  }

  // Where the number of clusters must be known before, they go to a file beside the target first.
  private DatasetStatistics all(List<Path> from, Path to, Listener listener, Progress progress) {
    if (!counted) {
      return merge(from, to, minHits, maxHits, sharding.apply(0), listener, progress);
    }
    Path merged = beside(to, "merged");
    try {
      long total = merge(from, merged, minHits, maxHits, null, listener, progress).clusters();
      try (DatasetReader reader = DatasetReader.open(merged);
          DatasetBuilder builder =
              DatasetBuilder.create(to, Version.CURRENT, reader.info().properties())
                  .shard(sharding.apply(total))) {
        builder.add(reader, progress);
        return builder.finish();
      }
    } finally {
      RunFolders.delete(merged);
    }
  }

  private DatasetStatistics merge(
      List<Path> from,
      Path to,
      int fewest,
      int most,
      @Nullable Sharding divided,
      Listener listener,
      Progress progress) {
    try (DatasetBuilder maker =
        DatasetBuilder.create(to, Version.CURRENT, properties).limit(fewest, most).shard(divided)) {
      for (Path input : from) {
        if (FileKind.of(input, options) == FileKind.DATASET) {
          maker.add(input, progress);
        } else {
          listener.read(input, maker.add(input, options, progress));
        }
      }
      if (maker.outsideLimits() > 0) {
        listener.outsideLimits(maker.outsideLimits());
      }
      return maker.finish();
    }
  }

  // All inputs go to a file beside the target, of which is chosen; a single data set is chosen of
  // as it is.
  private Made chosen(List<Path> from, Path to, Listener listener, Progress progress) {
    Path merged = beside(to, "merged");
    Path filtered = beside(to, "filtered");
    try {
      Path all = from.getFirst();
      if (from.size() > 1 || FileKind.of(all) != FileKind.DATASET) {
        merge(from, merged, 1, Integer.MAX_VALUE, null, listener, progress);
        all = merged;
      }
      if (where != null) {
        Path kept = balance == null ? to : filtered;
        DatasetStatistics written = filter(all, kept, where, listener, progress);
        if (balance == null) {
          return new Made(written, null);
        }
        all = kept;
      }
      return balance(all, to, progress);
    } finally {
      RunFolders.delete(merged);
      RunFolders.delete(filtered);
    }
  }

  /// A new name beside a file, hidden, for what is needed while the file is made.
  static Path beside(Path to, String what) {
    return to.toAbsolutePath()
        .resolveSibling("." + to.getFileName() + "." + UUID.randomUUID() + "." + what + ".tmp");
  }

  private DatasetStatistics filter(
      Path from, Path to, String expression, Listener listener, Progress progress) {
    int[] rows;
    try (ClusterSql sql = ClusterSql.open(from)) {
      rows = sql.rows(expression);
    }
    if (rows.length == 0) {
      throw new InputException(
          "--where", "it holds for no cluster of " + from, "Widen it; see `pixelwake query`");
    }
    try (DatasetReader reader = DatasetReader.open(from)) {
      if (balance == null) {
        int[] sizes = reader.sizes();
        rows =
            Arrays.stream(rows)
                .filter(row -> sizes[row] >= minHits && sizes[row] <= maxHits)
                .toArray();
      }
      Sharding divided = balance == null ? sharding.apply(rows.length) : null;
      DatasetStatistics written =
          DatasetBuilder.copyRows(reader, rows, to, Map.of("where", expression), divided, progress);
      listener.kept(written.clusters(), reader.count());
      return written;
    }
  }

  private Made balance(Path from, Path to, Progress progress) {
    Balance how = Objects.requireNonNull(balance);
    try (DatasetReader reader = DatasetReader.open(from)) {
      Balancer.Selection selection = select(how, reader);
      int[] rows = selection.rows();
      DatasetStatistics written =
          DatasetBuilder.copyRows(
              reader, rows, to, how.properties, sharding.apply(rows.length), progress);
      return new Made(written, selection);
    }
  }

  private static Balancer.Selection select(Balance how, DatasetReader reader) {
    int[] sizes = reader.sizes();
    if (!how.classes) {
      return how.balancer.select(sizes);
    }
    if (!reader.hasTruth()) {
      throw new InputException(
          "--balance-classes",
          "the particles of these clusters are not known",
          "Give simulated clusters, or labelled ones");
    }
    int[] classes = new int[sizes.length];
    Map<Integer, Integer> numbers = new HashMap<>();
    int done = 0;
    for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
      for (int row = 0; row < batch.count(); row++) {
        Truth truth = batch.truth(row);
        int particle = truth == null ? Truth.UNKNOWN_PARTICLE : truth.particle();
        classes[done++] = numbers.computeIfAbsent(particle, key -> numbers.size());
      }
    }
    reader.rewind();
    return how.balancer.select(sizes, classes, numbers.size());
  }
}
