package org.pixelwake.timepix.dataset;

import static org.apache.parquet.schema.LogicalTypeAnnotation.intType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.Arrays;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/// Columns of the file, in order. A file may have further ones, which the reader leaves alone.
enum DatasetSchema {
  FRAME("frame", INT64, false),
  TIME("time_ns", DOUBLE, false),
  SIZE("n_hits", INT32, false),
  ENERGY_SUM("energy_sum", FLOAT, false),
  X("x", INT32, true),
  Y("y", INT32, true),
  ENERGY("energy", FLOAT, true),
  TOA("toa", FLOAT, true),
  SOURCE("source", INT32, false);

  /// Bits of a pixel coordinate, signed.
  private static final int COORDINATE_BITS = 16;

  final String column;
  final PrimitiveTypeName type;
  final boolean list;

  DatasetSchema(String column, PrimitiveTypeName type, boolean list) {
    this.column = column;
    this.type = type;
    this.list = list;
  }

  /// Schema written: all columns required, lists in the three-level form of the Parquet
  /// specification.
  static MessageType message() {
    return new MessageType("cluster", Arrays.stream(values()).map(DatasetSchema::field).toList());
  }

  private Type field() {
    boolean coordinate = this == X || this == Y;
    if (!list) {
      return Types.required(type).named(column);
    }
    return coordinate
        ? Types.requiredList()
            .requiredElement(type)
            .as(intType(COORDINATE_BITS, true))
            .named(column)
        : Types.requiredList().requiredElement(type).named(column);
  }
}
