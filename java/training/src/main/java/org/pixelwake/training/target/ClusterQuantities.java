package org.pixelwake.training.target;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.FeatureFinder;
import org.pixelwake.timepix.features.SensorShape;

/// What an autoencoder learns to tell of a cluster from its features: the cluster's own quantities,
/// such as size, energy, length and width, none of which changes when the cluster is turned.
///
/// A quantity q becomes sign(q) ln(1 + |q|), as most of them spread over decades, less its mean
/// over the training clusters and divided by its deviation there, within 6 deviations.
public final class ClusterQuantities {
  private static final List<FeatureColumn> COLUMNS =
      List.of(
          FeatureColumn.SIZE,
          FeatureColumn.ENERGY,
          FeatureColumn.HEIGHT,
          FeatureColumn.BORDER,
          FeatureColumn.INNER,
          FeatureColumn.ROUNDNESS,
          FeatureColumn.LINEARITY,
          FeatureColumn.LENGTH,
          FeatureColumn.WIDTH,
          FeatureColumn.STD_ACROSS,
          FeatureColumn.STD_ALONG,
          FeatureColumn.THIN,
          FeatureColumn.CURLY_THIN,
          FeatureColumn.ENERGY_MEAN,
          FeatureColumn.ENERGY_STD,
          FeatureColumn.LENGTH_CORRECTED,
          FeatureColumn.LENGTH_3D,
          FeatureColumn.ELEVATION,
          FeatureColumn.LET,
          FeatureColumn.DIAMETER,
          FeatureColumn.DENSITY,
          FeatureColumn.DURATION);

  /// Number of quantities.
  public static final int COUNT = COLUMNS.size();

  // The pixels of all Timepix chips, and the usual sensor: another thickness would only shift
  // length, elevation and LET.
  private static final double PITCH_UM = 55;
  private static final double THICKNESS_UM = 300;
  private static final float MOST = 6;

  private static final int LOSS = 1;

  private final float[] @Nullable [] values;

  /// A loss of what a network tells of clusters.
  ///
  /// @param values receives the quantities (n, COUNT)
  /// @param losses total, 0 and the loss before it is weighted
  /// @param columns figures of each cluster
  public record Told(Tensor values, Tensor losses, Tensor columns) {
    /// Returns the loss of a cluster.
    ///
    /// @param figures what was downloaded of the columns
    public static double loss(float[] figures, int cluster) {
      return figures[cluster * Loss.SUPERVISED_COLUMNS + LOSS];
    }
  }

  /// Traces what a network tells of clusters, and Huber's loss of it.
  ///
  /// @param embedding pooled features (n, features)
  /// @param weight of the loss in the total
  /// @param global clusters of all processes that share the batch
  /// @param learning whether the gradient is wanted
  public static Told trace(
      Graph graph, Network network, Tensor embedding, float weight, int global, boolean learning) {
    int n = embedding.dim(0);
    Tensor told = graph.intermediate("told", Storage.F32, n, COUNT);
    network.tell(graph, embedding, told);
    Tensor values = graph.input("quantities", Storage.F32, n, COUNT);
    Tensor losses = graph.result("losses of quantities", Storage.F32, 3);
    Tensor columns = graph.result("columns of quantities", Storage.F32, n, Loss.SUPERVISED_COLUMNS);
    Tensor gradient = learning ? graph.intermediate("dtold", Storage.F32, n, COUNT) : null;
    Loss.Supervision attributes = new Loss.Supervision(0, COUNT, 0, 1, 0, weight, 1f / global);
    graph.add(new Loss.Supervised(attributes, told, null, values, null, gradient, losses, columns));
    return new Told(values, losses, columns);
  }

  /// Measures clusters.
  ///
  /// @param train rows of which mean and deviation are taken
  /// @param others further rows
  public ClusterQuantities(
      ClusterTable table, List<SourceInfo> sources, int[] train, int[] others) {
    int width = sources.stream().mapToInt(SourceInfo::width).max().orElseThrow();
    int height = sources.stream().mapToInt(SourceInfo::height).max().orElseThrow();
    SensorShape sensor = new SensorShape(width, height, PITCH_UM, THICKNESS_UM);
    values = new float[table.count()][];
    FeatureFinder finder = new FeatureFinder(sensor);
    for (int[] rows : List.of(train, others)) {
      for (int row : rows) {
        values[row] = measured(finder.of(table.cluster(row)));
      }
    }
    for (int k = 0; k < COUNT; k++) {
      standardise(k, train, others);
    }
  }

  private static float[] measured(ClusterFeatures features) {
    float[] measured = new float[COUNT];
    for (int k = 0; k < COUNT; k++) {
      double value = COLUMNS.get(k).of(features);
      // What is not finite is unknown, and the loss counts nothing for it.
      measured[k] =
          Double.isFinite(value)
              ? (float) Math.copySign(Math.log1p(Math.abs(value)), value)
              : Float.NaN;
    }
    return measured;
  }

  private void standardise(int column, int[] train, int[] others) {
    double[] known =
        IntStream.of(train)
            .mapToDouble(row -> of(row)[column])
            .filter(value -> !Double.isNaN(value))
            .toArray();
    double mean = IntStream.range(0, known.length).mapToDouble(i -> known[i]).sum() / known.length;
    double squares = 0;
    for (double value : known) {
      squares += (value - mean) * (value - mean);
    }
    // A quantity that does not vary is 0.
    double deviation = Math.sqrt(squares / known.length) + 1e-6;
    for (int[] rows : List.of(train, others)) {
      for (int row : rows) {
        float[] of = of(row);
        of[column] = Math.clamp((float) ((of[column] - mean) / deviation), -MOST, MOST);
      }
    }
  }

  /// Returns the quantities of a row.
  float[] of(int row) {
    float[] of = values[row];
    if (of == null) {
      throw new IllegalStateException("row " + row + " was not measured");
    }
    return of;
  }

  /// Copies the quantities of rows, one row behind the other.
  public void copy(int[] rows, float[] to) {
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(of(rows[i]), 0, to, i * COUNT, COUNT);
    }
  }
}
