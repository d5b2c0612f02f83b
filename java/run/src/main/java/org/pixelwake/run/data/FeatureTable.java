package org.pixelwake.run.data;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.RunFolders;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.FeatureFinder;
import org.pixelwake.timepix.features.SensorShape;

/// Table of the features of clusters as Parquet or CSV, written under another name and renamed when
/// it is whole.
public final class FeatureTable implements AutoCloseable {
  private static final List<Column> COLUMNS = columns();

  private static final double PITCH_UM = 55;

  /// Takes rows to a file.
  private record Sink(
      Consumer<List<@Nullable Object>> append,
      RunFolders.Writing finish,
      RunFolders.Writing close) {}

  private final Path target;
  private final Sink sink;
  private long rows;
  private boolean ended;

  private FeatureTable(Path target, Sink sink) {
    this.target = target;
    this.sink = sink;
  }

  /// @param target `.parquet` or `.csv`
  /// @throws InputException where the name tells no format, or the file cannot be made
  public static FeatureTable create(Path target) {
    String name = target.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      ParquetTable table = ParquetTable.create(target, "cluster", COLUMNS);
      return new FeatureTable(target, new Sink(table::append, table::finish, table::close));
    }
    if (name.endsWith(".csv")) {
      return new FeatureTable(target, csv(target));
    }
    throw new InputException(target, "tells no format of tables", "Name a .parquet or a .csv");
  }

  private static Sink csv(Path target) {
    try {
      AtomicFile file = new AtomicFile(target);
      CsvWriter csv = CsvWriter.builder().build(file.temporary(), StandardCharsets.UTF_8);
      csv.writeRecord(COLUMNS.stream().map(Column::name).toList());
      return new Sink(
          row -> csv.writeRecord(row.stream().map(value -> Objects.toString(value, "")).toList()),
          () -> {
            try (file) {
              csv.close();
              file.commit();
            }
          },
          () -> {
            try (file) {
              csv.close();
            }
          });
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  private static List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("source", Kind.TEXT));
    columns.add(new Column("unit", Kind.TEXT));
    columns.add(new Column("frame", Kind.LONG));
    columns.add(new Column("time_ns", Kind.DOUBLE));
    for (FeatureColumn column : FeatureColumn.values()) {
      columns.add(new Column(column.column(), column.whole() ? Kind.INT : Kind.FLOAT));
    }
    columns.add(new Column("shape", Kind.TEXT));
    columns.addAll(ClusterColumns.truth());
    return List.copyOf(columns);
  }

  /// Rows written.
  public long rows() {
    return rows;
  }

  /// Measures the clusters of a data set or detector data, and adds them.
  ///
  /// @param thicknessUm thickness of the sensor, by which elevation and LET are found
  /// @return what was left out of detector data; null of a data set
  /// @throws InputException where the input cannot be read
  public @Nullable ClusterReport add(
      Path input, ClusterOptions options, double thicknessUm, Progress progress) {
    IdentityHashMap<SourceInfo, FeatureFinder> finders = new IdentityHashMap<>();
    return ClusterBatches.read(
        input,
        options,
        progress,
        part -> {
          for (int row = 0; row < part.table().count(); row++) {
            SourceInfo source = part.source(row);
            FeatureFinder finder =
                finders.computeIfAbsent(
                    source,
                    from ->
                        new FeatureFinder(
                            new SensorShape(from.width(), from.height(), PITCH_UM, thicknessUm)));
            Cluster cluster = part.table().cluster(row);
            append(source, cluster, finder.of(cluster));
          }
        });
  }

  private void append(SourceInfo source, Cluster cluster, ClusterFeatures features) {
    List<@Nullable Object> row = new ArrayList<>(COLUMNS.size());
    row.add(source.file());
    row.add(source.unit().label());
    row.add(cluster.frame());
    row.add(cluster.time());
    for (FeatureColumn column : FeatureColumn.values()) {
      double value = column.of(features);
      // Seven digits are more than a detector's accuracy.
      if (column.whole()) {
        row.add((int) value);
      } else {
        row.add((float) value);
      }
    }
    row.add(features.shape().text());
    ClusterColumns.addTruth(row, cluster.truth());
    RunFolders.writing(target, () -> sink.append.accept(row));
    rows++;
  }

  /// Puts the table in the place of the target.
  public void finish() {
    ended = true;
    RunFolders.writing(target, sink.finish);
  }

  /// Removes what was written, unless it is finished.
  @Override
  public void close() {
    if (!ended) {
      ended = true;
      RunFolders.writing(target, sink.close);
    }
  }
}
