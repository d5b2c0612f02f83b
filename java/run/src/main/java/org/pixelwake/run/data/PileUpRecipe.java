package org.pixelwake.run.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.Progress;
import org.pixelwake.run.RunFolders;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.DatasetWriter;
import org.pixelwake.timepix.pileup.PileUp;
import org.pixelwake.timepix.pileup.PileUps;

/// How pile-ups are made of detector data and data sets of one chip.
///
/// @param clusters which clusters are read
/// @param pileUp how they are laid over each other and matched
/// @param testShare share of each source that is held out, 0 to below 1
public record PileUpRecipe(DatasetRecipe clusters, PileUp pileUp, double testShare) {
  /// Data sets that were made.
  ///
  /// @param made the clusters
  /// @param train statistics of the data set to learn from
  /// @param test of that to measure on; null where there is none
  public record Written(PileUps made, DatasetStatistics train, @Nullable DatasetStatistics test) {}

  /// Makes the data sets, which appear under their names when both are whole.
  ///
  /// @param to data set to learn from
  /// @param test data set to measure on; null where nothing is held out
  /// @throws org.pixelwake.base.InputException where an input cannot be read, or is none that
  ///   pile-ups can be made of
  public Written make(
      List<Path> from,
      Path to,
      @Nullable Path test,
      DatasetRecipe.Listener listener,
      Progress progress) {
    Path all = DatasetRecipe.beside(to, "clusters");
    try {
      clusters.make(from, all, listener, progress);
      DatasetInfo info;
      ClusterTable table;
      try (DatasetReader reader = DatasetReader.open(all)) {
        info = reader.info();
        table = reader.loadAll(progress);
      }
      PileUps made = pileUp.make(table, info, test == null ? 0 : testShare, progress);
      return write(made, info.withProperties(properties(made)), to, test);
    } finally {
      RunFolders.delete(all);
    }
  }

  private static Written write(PileUps made, DatasetInfo info, Path to, @Nullable Path test) {
    try (DatasetWriter train = DatasetWriter.create(to, info)) {
      append(train, made.train());
      if (test == null) {
        return new Written(made, train.finish(), null);
      }
      try (DatasetWriter measured = DatasetWriter.create(test, info)) {
        append(measured, made.test());
        DatasetStatistics statistics = measured.finish();
        return new Written(made, train.finish(), statistics);
      }
    }
  }

  private static void append(DatasetWriter writer, PileUps.Part part) {
    for (PileUps.Made one : part.clusters()) {
      writer.append(one.cluster(), one.source());
    }
  }

  private Map<String, String> properties(PileUps made) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("pile_up", pileUp.control() ? "control" : "overlay");
    properties.put("pile_up_threshold_kev", Double.toString(made.thresholdKeV()));
    properties.put("pile_up_min_hits", Integer.toString(pileUp.minHits()));
    properties.put("pile_up_max_hits", Integer.toString(pileUp.maxHits()));
    properties.put("pile_up_overlays", Integer.toString(pileUp.overlays()));
    properties.put("pile_up_seed", Long.toString(pileUp.seed()));
    properties.put("pile_up_test_share", Double.toString(testShare));
    return properties;
  }
}
