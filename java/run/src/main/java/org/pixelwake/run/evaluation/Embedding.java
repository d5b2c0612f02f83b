package org.pixelwake.run.evaluation;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.run.Host;
import org.pixelwake.run.data.ClusterBatches;
import org.pixelwake.run.data.ClusterColumns;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.Trained;

/// Writes the features that the encoder of a model finds in clusters, in memory that does not grow
/// with their number.
public final class Embedding {
  private Embedding() {}

  /// Writes a table (.parquet) with one row per cluster: [ClusterColumns#leading], then `features`,
  /// a list of numbers. It appears under its name when it is whole.
  ///
  /// @param batch clusters looked at in one run; changes nothing but the speed
  /// @param data a data set or detector data
  /// @param options how to read detector data
  /// @return number of clusters
  /// @throws InputException where the name of the table tells another format, or the data cannot be
  ///   read or hold no cluster
  public static long write(
      Trained model, int batch, Path data, ClusterOptions options, Path table, Host host) {
    checkName(table);
    long[] rows = new long[1];
    try (Host.Shown shown = host.progress("embedding");
        Predictor predictor = model.predictor(batch);
        ParquetTable to = ParquetTable.create(table, "cluster", columns())) {
      ClusterBatches.read(
          data,
          options,
          host.cancelling(shown),
          part -> {
            if (part.first() == 0) {
              tellUnit(host, part.unit(), model.config().energyScale);
            }
            append(predictor, part, to, host);
            rows[0] += part.table().count();
          });
      if (rows[0] == 0) {
        throw ClusterBatches.empty(data);
      }
      to.finish();
    }
    return rows[0];
  }

  /// Returns the columns of the table.
  static List<Column> columns() {
    List<Column> columns = ClusterColumns.leading();
    columns.add(new Column("features", Kind.FLOATS));
    return columns;
  }

  /// Checks the name of a table of features.
  ///
  /// @throws InputException where it tells another format than Parquet
  public static void checkName(Path table) {
    if (!table.toString().toLowerCase(Locale.ROOT).endsWith(".parquet")) {
      throw new InputException(table, "tells no format of features", "Name a .parquet");
    }
  }

  // A model does not know whether its scales were keV or ToT, so the user is told what they meet.
  static void tellUnit(Host host, EnergyUnit unit, float scale) {
    host.notice(
        String.format(
            Locale.ROOT,
            "energies are in %s and divided by %.4g as in training",
            unit.label(),
            scale));
  }

  // In pieces, so that the features of a part need not be in memory at once.
  private static void append(
      Predictor predictor, ClusterBatches.Part part, ParquetTable table, Host host) {
    int count = part.table().count();
    int step = 16 * predictor.batch();
    for (int first = 0; first < count; first += step) {
      host.check();
      int[] rows = IntStream.range(first, Math.min(first + step, count)).toArray();
      float[][] features = predictor.embed(part.table(), rows);
      for (int i = 0; i < rows.length; i++) {
        List<@Nullable Object> row = ClusterColumns.leading(part, rows[i]);
        row.add(features[i]);
        table.append(row);
      }
    }
  }
}
