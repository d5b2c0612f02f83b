package org.pixelwake.run.data;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureColumn;

/// Table of the features of clusters as Parquet or CSV, written under another name and renamed when
/// it is whole.
public final class FeatureTable implements AutoCloseable {
  private static final List<Column> COLUMNS = columns();

  /// Takes rows to a file.
  private interface Sink extends AutoCloseable {
    void append(List<@Nullable Object> row);

    void finish();

    @Override
    void close();
  }

  private final Sink sink;
  private long rows;

  private FeatureTable(Sink sink) {
    this.sink = sink;
  }

  /// @param target `.parquet` or `.csv`
  /// @throws InputException where the name tells no format, or the file cannot be made
  public static FeatureTable create(Path target) {
    String name = target.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      return new FeatureTable(parquet(target));
    }
    if (name.endsWith(".csv")) {
      return new FeatureTable(new Csv(target));
    }
    throw new InputException(target, "tells no format of tables", "Name a .parquet or a .csv");
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
    columns.addAll(TruthColumns.all());
    return List.copyOf(columns);
  }

  /// Rows written.
  public long rows() {
    return rows;
  }

  public void append(SourceInfo source, Cluster cluster, ClusterFeatures features) {
    List<@Nullable Object> row = new ArrayList<>(COLUMNS.size());
    row.add(source.file());
    row.add(source.unit() == EnergyUnit.KEV ? "keV" : "ToT");
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
    TruthColumns.add(row, cluster.truth());
    sink.append(row);
    rows++;
  }

  /// Puts the table in the place of the target.
  public void finish() {
    sink.finish();
  }

  /// Removes what was written, unless it is finished.
  @Override
  public void close() {
    sink.close();
  }

  private static Sink parquet(Path target) {
    ParquetTable table = ParquetTable.create(target, "cluster", COLUMNS);
    return new Sink() {
      @Override
      public void append(List<@Nullable Object> row) {
        table.append(row);
      }

      @Override
      public void finish() {
        table.finish();
      }

      @Override
      public void close() {
        table.close();
      }
    };
  }

  private static final class Csv implements Sink {
    private final Path target;
    private final AtomicFile file;
    private final CsvWriter csv;
    private boolean closed;

    Csv(Path target) {
      this.target = target;
      try {
        file = new AtomicFile(target);
        csv = CsvWriter.builder().build(file.temporary(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw InputException.unwritable(target, e);
      }
      write(COLUMNS.stream().map(Column::name).toList());
    }

    @Override
    public void append(List<@Nullable Object> row) {
      write(row.stream().map(value -> Objects.toString(value, "")).toList());
    }

    private void write(List<String> values) {
      try {
        csv.writeRecord(values);
      } catch (UncheckedIOException e) {
        throw InputException.unwritable(target, e);
      }
    }

    @Override
    public void finish() {
      closed = true;
      try {
        csv.close();
        file.commit();
      } catch (IOException e) {
        throw InputException.unwritable(target, e);
      }
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      try (file) {
        csv.close();
      } catch (IOException e) {
        throw InputException.unwritable(target, e);
      }
    }
  }
}
