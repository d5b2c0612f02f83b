package org.pixelwake.timepix.dataset;

import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;

/// Hands the values of one row to Parquet, column by column.
final class RowWriteSupport extends WriteSupport<RowWriteSupport.Row> {
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  /// A cluster as it is written: hits from `from` to `to` of the arrays.
  record Row(
      long frame,
      double time,
      int source,
      short[] x,
      short[] y,
      float[] energy,
      float[] toa,
      int from,
      int to,
      @Nullable Truth truth) {}

  private final Supplier<Map<String, String>> metadata;
  private @Nullable RecordConsumer consumer;

  /// @param metadata asked for when the last row is written
  RowWriteSupport(Supplier<Map<String, String>> metadata) {
    this.metadata = metadata;
  }

  @Override
  @SuppressWarnings("deprecation") // abstract there
  public WriteContext init(Configuration configuration) {
    return context();
  }

  @Override
  public WriteContext init(ParquetConfiguration configuration) {
    return context();
  }

  private static WriteContext context() {
    return new WriteContext(DatasetSchema.message(), Map.of());
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    consumer = recordConsumer;
  }

  @Override
  public FinalizedWriteContext finalizeWrite() {
    return new FinalizedWriteContext(metadata.get());
  }

  @Override
  public void write(Row row) {
    RecordConsumer out = consumer;
    if (out == null) {
      throw new IllegalStateException("a row is written before the file is prepared");
    }
    out.startMessage();
    int index = 0;
    for (DatasetSchema column : DatasetSchema.values()) {
      if (!column.truth) {
        out.startField(column.column, index);
        write(out, column, row);
        out.endField(column.column, index);
      } else if (row.truth != null) {
        write(out, column, index, row.truth);
      }
      index++;
    }
    out.endMessage();
  }

  private static void write(RecordConsumer out, DatasetSchema column, Row row) {
    switch (column) {
      case FRAME -> out.addLong(row.frame);
      case TIME -> out.addDouble(row.time);
      case SIZE -> out.addInteger(row.to - row.from);
      case ENERGY_SUM -> out.addFloat(ClusterTable.energySum(row.energy, row.from, row.to));
      case X -> writeList(out, row.x, row);
      case Y -> writeList(out, row.y, row);
      case ENERGY -> writeList(out, row.energy, row);
      case TOA -> writeList(out, row.toa, row);
      case SOURCE -> out.addInteger(row.source);
      default -> throw new IllegalArgumentException(column + " is of the truth");
    }
  }

  /// Writes a value of the truth, or null where it is unknown.
  private static void write(RecordConsumer out, DatasetSchema column, int index, Truth truth) {
    switch (column) {
      case PARTICLE -> {
        // Not null even where it is 0: by this column a row has a truth or none.
        out.startField(column.column, index);
        out.addInteger(truth.particle());
        out.endField(column.column, index);
      }
      case PARTICLE_NUMBER -> {
        if (truth.number() != Truth.UNKNOWN_NUMBER) {
          out.startField(column.column, index);
          out.addLong(truth.number());
          out.endField(column.column, index);
        }
      }
      default -> {
        float value = TruthArrays.value(column, truth);
        if (!Float.isNaN(value)) {
          out.startField(column.column, index);
          out.addFloat(value);
          out.endField(column.column, index);
        }
      }
    }
  }

  private static void writeList(RecordConsumer out, short[] values, Row row) {
    startList(out);
    for (int i = row.from; i < row.to; i++) {
      startElement(out);
      out.addInteger(values[i]);
      endElement(out);
    }
    endList(out);
  }

  private static void writeList(RecordConsumer out, float[] values, Row row) {
    startList(out);
    for (int i = row.from; i < row.to; i++) {
      startElement(out);
      out.addFloat(values[i]);
      endElement(out);
    }
    endList(out);
  }

  private static void startList(RecordConsumer out) {
    out.startGroup();
    out.startField(LIST, 0);
  }

  private static void endList(RecordConsumer out) {
    out.endField(LIST, 0);
    out.endGroup();
  }

  private static void startElement(RecordConsumer out) {
    out.startGroup();
    out.startField(ELEMENT, 0);
  }

  private static void endElement(RecordConsumer out) {
    out.endField(ELEMENT, 0);
    out.endGroup();
  }
}
