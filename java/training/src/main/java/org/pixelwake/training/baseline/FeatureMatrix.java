package org.pixelwake.training.baseline;

import java.util.List;
import java.util.Set;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.FeatureFinder;
import org.pixelwake.timepix.features.SensorShape;

/// Features of clusters as a matrix.
///
/// @param columns what the columns are, in the order of [FeatureColumn]
/// @param rows number of clusters
/// @param values (rows, columns) row by row; NaN where a feature has no finite value
public record FeatureMatrix(List<FeatureColumn> columns, int rows, float[] values) {
  /// Features of the given clusters, in their order.
  ///
  /// @throws IllegalArgumentException where a hit is not on the sensor
  public static FeatureMatrix of(
      ClusterTable table, int[] rows, SensorShape sensor, Set<FeatureColumn> features) {
    List<FeatureColumn> columns = features.stream().sorted().toList();
    FeatureFinder finder = new FeatureFinder(sensor);
    float[] values = new float[Math.multiplyExact(rows.length, columns.size())];
    int at = 0;
    for (int row : rows) {
      ClusterFeatures found = finder.of(table.cluster(row));
      for (FeatureColumn column : columns) {
        float value = (float) column.of(found);
        values[at++] = Float.isFinite(value) ? value : Float.NaN;
      }
    }
    return new FeatureMatrix(columns, rows.length, values);
  }
}
