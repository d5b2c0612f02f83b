package org.pixelwake.timepix.dataset;

import static org.apache.parquet.schema.LogicalTypeAnnotation.intType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;

/// Columns of the file, in order. A file may have further ones, which the reader leaves alone.
///
/// Those of the truth are null where it, or a part of it, is unknown. Every file written has them,
/// so that files of measured and of simulated clusters have one schema; a file that is read may
/// lack them.
enum DatasetSchema {
  FRAME("frame", INT64, false),
  TIME("time_ns", DOUBLE, false),
  SIZE("n_hits", INT32, false),
  ENERGY_SUM("energy_sum", FLOAT, false),
  X("x", INT32, true),
  Y("y", INT32, true),
  ENERGY("energy", FLOAT, true),
  TOA("toa", FLOAT, true),
  SOURCE("source", INT32, false),
  // Not null even where it is 0: by this column a row has a truth or none.
  PARTICLE("particle", INT32, Truth::particle),
  PARTICLE_NUMBER(
      "particle_number",
      INT64,
      truth -> truth.number() == Truth.UNKNOWN_NUMBER ? null : truth.number()),
  PRIMARY_ENERGY("primary_energy_mev", FLOAT, Truth::energyMeV),
  THETA("theta_deg", FLOAT, Truth::thetaDegrees),
  PHI("phi_deg", FLOAT, Truth::phiDegrees),
  ENTRY_X("entry_x_um", FLOAT, Truth::xUm),
  ENTRY_Y("entry_y_um", FLOAT, Truth::yUm),
  DEPOSITED("deposited_kev", FLOAT, Truth::depositedKeV),
  COLLECTED("collected_kev", FLOAT, Truth::collectedKeV),
  PARTICLES("n_particles", INT32, Truth::particles);

  /// Bits of a pixel coordinate, signed.
  private static final int COORDINATE_BITS = 16;

  final String column;
  final PrimitiveTypeName type;

  /// Whether it has a value of each hit.
  final boolean list;

  /// Whether it belongs to the truth, and so can be null or missing.
  final boolean truth;

  @SuppressWarnings("ImmutableEnumChecker") // accessors of a record hold nothing
  private final Function<Truth, @Nullable Number> value;

  DatasetSchema(String column, PrimitiveTypeName type, boolean list) {
    this.column = column;
    this.type = type;
    this.list = list;
    this.truth = false;
    this.value = known -> null;
  }

  DatasetSchema(String column, PrimitiveTypeName type, Function<Truth, @Nullable Number> value) {
    this.column = column;
    this.type = type;
    this.list = false;
    this.truth = true;
    this.value = value;
  }

  /// Schema written: columns required but for those of the truth, lists in the three-level form of
  /// the Parquet specification.
  static MessageType message() {
    return new MessageType("cluster", Arrays.stream(values()).map(DatasetSchema::field).toList());
  }

  private Type field() {
    if (truth) {
      return Types.optional(type).named(column);
    }
    if (!list) {
      return Types.required(type).named(column);
    }
    var element = Types.requiredList().requiredElement(type);
    return type == INT32
        ? element.as(intType(COORDINATE_BITS, true)).named(column)
        : element.named(column);
  }

  /// The values of a cluster, column by column.
  static List<@Nullable Object> row(Cluster cluster, int source) {
    float sum = ClusterTable.energySum(cluster.energy());
    List<@Nullable Object> row = new ArrayList<>();
    Collections.addAll(row, cluster.frame(), cluster.time(), cluster.size(), sum);
    Collections.addAll(row, cluster.x(), cluster.y(), cluster.energy(), cluster.toa(), source);
    for (DatasetSchema column : TruthArrays.COLUMNS) {
      row.add(cluster.truth() == null ? null : column.of(cluster.truth()));
    }
    return row;
  }

  private @Nullable Number of(Truth known) {
    Number number = value.apply(known);
    return number instanceof Float f && f.isNaN() ? null : number;
  }
}
