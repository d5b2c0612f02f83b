package org.pixelwake.timepix.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.pixelwake.base.InputException;

/// Finds the columns of a data set in the schema of a file, which another program may have
/// rewritten: optional instead of required columns and other names inside a list are read too.
final class DatasetColumns {
  private DatasetColumns() {}

  /// The columns by what they hold; those of the truth that the file lacks are not among them.
  static Map<DatasetSchema, ColumnDescriptor> resolve(Path file, MessageType schema) {
    Map<DatasetSchema, ColumnDescriptor> found = new EnumMap<>(DatasetSchema.class);
    for (DatasetSchema wanted : DatasetSchema.values()) {
      List<ColumnDescriptor> leaves = new ArrayList<>();
      for (ColumnDescriptor leaf : schema.getColumns()) {
        if (leaf.getPath()[0].equals(wanted.column)) {
          leaves.add(leaf);
        }
      }
      if (leaves.isEmpty() && wanted.truth) {
        continue;
      }
      if (leaves.isEmpty()) {
        throw wrong(file, wanted, "it is missing");
      }
      ColumnDescriptor leaf = leaves.getFirst();
      if (leaves.size() > 1
          || leaf.getMaxRepetitionLevel() != (wanted.list ? 1 : 0)
          || leaf.getPrimitiveType().getPrimitiveTypeName() != wanted.type) {
        throw wrong(
            file,
            wanted,
            "it is not "
                + (wanted.list ? "a list of " : "")
                + wanted.type
                + " but "
                + schema.getType(wanted.column).toString().replaceAll("\\s+", " "));
      }
      found.put(wanted, leaf);
    }
    return found;
  }

  /// The part of a schema that holds the given columns.
  static MessageType project(MessageType schema, Collection<DatasetSchema> columns) {
    List<Type> fields = new ArrayList<>();
    columns.forEach(column -> fields.add(schema.getType(column.column)));
    return new MessageType(schema.getName(), fields);
  }

  private static InputException wrong(Path file, DatasetSchema column, String problem) {
    return new InputException(
        file.toString(),
        "column " + column.column,
        problem,
        "Give a data set of clusters made by the command dataset");
  }
}
