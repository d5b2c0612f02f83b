package org.pixelwake.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.run.data.TruthColumns;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.dataset.ParquetTable;
import org.pixelwake.timepix.dataset.ParquetTable.Column;
import org.pixelwake.timepix.dataset.ParquetTable.Kind;

/// Table of the features of clusters, with what they are told apart by.
public final class EmbeddingTable implements AutoCloseable {
  private static final List<Column> COLUMNS = columns();

  private final ParquetTable table;
  private long rows;

  private EmbeddingTable(ParquetTable table) {
    this.table = table;
  }

  public static EmbeddingTable create(Path target) {
    return new EmbeddingTable(ParquetTable.create(target, "cluster", COLUMNS));
  }

  private static List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("row", Kind.LONG));
    columns.add(new Column("source", Kind.TEXT));
    columns.add(new Column("unit", Kind.TEXT));
    columns.add(new Column("size", Kind.INT));
    columns.add(new Column("energy", Kind.FLOAT));
    columns.addAll(TruthColumns.all());
    columns.add(new Column("features", Kind.FLOATS));
    return List.copyOf(columns);
  }

  /// Rows written.
  public long rows() {
    return rows;
  }

  public void append(ClusterBatches.Part part, int row, float[] features) {
    List<@Nullable Object> values = new ArrayList<>(COLUMNS.size());
    values.add(part.first() + row);
    values.add(part.sources().get(part.table().source(row)).file());
    values.add(part.unit() == EnergyUnit.KEV ? "keV" : "ToT");
    values.add(part.table().size(row));
    values.add(part.table().energySum(row));
    TruthColumns.add(values, part.table().truth(row));
    values.add(features);
    table.append(values);
    rows++;
  }

  /// Puts the table in the place of the target.
  public void finish() {
    table.finish();
  }

  /// Removes what was written, unless it is finished.
  @Override
  public void close() {
    table.close();
  }
}
