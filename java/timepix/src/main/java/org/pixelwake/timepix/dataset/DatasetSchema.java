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
///
/// Those of the truth are null where it, or a part of it, is unknown. Every file written has them,
/// so that files of measured and of simulated clusters have one schema; a file that is read may
/// lack them.
enum DatasetSchema {
  FRAME("frame", INT64, Kind.VALUE),
  TIME("time_ns", DOUBLE, Kind.VALUE),
  SIZE("n_hits", INT32, Kind.VALUE),
  ENERGY_SUM("energy_sum", FLOAT, Kind.VALUE),
  X("x", INT32, Kind.LIST),
  Y("y", INT32, Kind.LIST),
  ENERGY("energy", FLOAT, Kind.LIST),
  TOA("toa", FLOAT, Kind.LIST),
  SOURCE("source", INT32, Kind.VALUE),
  PARTICLE("particle", INT32, Kind.TRUTH),
  PARTICLE_NUMBER("particle_number", INT64, Kind.TRUTH),
  PRIMARY_ENERGY("primary_energy_mev", FLOAT, Kind.TRUTH),
  THETA("theta_deg", FLOAT, Kind.TRUTH),
  PHI("phi_deg", FLOAT, Kind.TRUTH),
  ENTRY_X("entry_x_um", FLOAT, Kind.TRUTH),
  ENTRY_Y("entry_y_um", FLOAT, Kind.TRUTH),
  DEPOSITED("deposited_kev", FLOAT, Kind.TRUTH),
  COLLECTED("collected_kev", FLOAT, Kind.TRUTH);

  /// What a column holds of a cluster.
  private enum Kind {
    /// A value, never null.
    VALUE,
    /// A value of each hit, never null.
    LIST,
    /// A value of the truth, or null.
    TRUTH
  }

  /// Bits of a pixel coordinate, signed.
  private static final int COORDINATE_BITS = 16;

  final String column;
  final PrimitiveTypeName type;

  /// Whether it has a value of each hit.
  final boolean list;

  /// Whether it belongs to the truth, and so can be null or missing.
  final boolean truth;

  DatasetSchema(String column, PrimitiveTypeName type, Kind kind) {
    this.column = column;
    this.type = type;
    this.list = kind == Kind.LIST;
    this.truth = kind == Kind.TRUTH;
  }

  /// Schema written: columns required but for those of the truth, lists in the three-level form of
  /// the Parquet specification.
  static MessageType message() {
    return new MessageType("cluster", Arrays.stream(values()).map(DatasetSchema::field).toList());
  }

  private Type field() {
    boolean coordinate = this == X || this == Y;
    if (truth) {
      return Types.optional(type).named(column);
    }
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
