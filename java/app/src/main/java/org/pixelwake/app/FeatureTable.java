package org.pixelwake.app;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.pixelwake.engine.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.features.ClusterFeatures;
import org.pixelwake.timepix.features.FeatureColumn;

/// Table of the features of clusters as CSV, written under another name and renamed when it is
/// whole.
final class FeatureTable implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final CsvWriter csv;
  private long rows;
  private boolean closed;

  private FeatureTable(Path target, Path temporary, CsvWriter csv) {
    this.target = target;
    this.temporary = temporary;
    this.csv = csv;
  }

  /// @throws InputException where the file cannot be made
  static FeatureTable create(Path target) {
    Path temporary =
        target
            .toAbsolutePath()
            .resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      CsvWriter csv = CsvWriter.builder().build(temporary, StandardCharsets.UTF_8);
      FeatureTable table = new FeatureTable(target, temporary, csv);
      table.write(header());
      return table;
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  private static List<String> header() {
    List<String> names = new ArrayList<>(List.of("source", "frame", "time_ns"));
    for (FeatureColumn column : FeatureColumn.values()) {
      names.add(column.column());
    }
    names.addAll(List.of("shape", "particle", "primary_energy_mev", "theta_deg", "phi_deg"));
    return names;
  }

  /// Rows written.
  long rows() {
    return rows;
  }

  void append(String source, Cluster cluster, ClusterFeatures features) {
    List<String> values = new ArrayList<>();
    values.add(source);
    values.add(Long.toString(cluster.frame()));
    values.add(Double.toString(cluster.time()));
    for (FeatureColumn column : FeatureColumn.values()) {
      double value = column.of(features);
      // Six digits are more than a detector's accuracy, and what DPE writes.
      values.add(column.whole() ? Long.toString((long) value) : Float.toString((float) value));
    }
    values.add(features.shape().text());
    Truth truth = cluster.truth();
    values.add(truth == null ? "" : Integer.toString(truth.particle()));
    values.add(truth == null ? "" : known(truth.energyMeV()));
    values.add(truth == null ? "" : known(truth.thetaDegrees()));
    values.add(truth == null ? "" : known(truth.phiDegrees()));
    write(values);
    rows++;
  }

  private static String known(float value) {
    return Float.isNaN(value) ? "" : Float.toString(value);
  }

  private void write(List<String> values) {
    try {
      csv.writeRecord(values);
    } catch (UncheckedIOException e) {
      throw unwritable(target, Objects.requireNonNull(e.getCause()));
    }
  }

  /// Puts the table in the place of the target.
  void finish() {
    closed = true;
    try {
      csv.close();
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /// Removes what was written, unless it is finished.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      csv.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  private static InputException unwritable(Path target, IOException e) {
    return new InputException(
        target.toString(),
        "",
        "cannot be written (" + e.getMessage() + ")",
        "Free space on the disk, or write to a folder that is yours",
        e);
  }
}
