package org.pixelwake.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.run.data.ClusterColumns;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterRows;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.ParquetRows;

/// Features of clusters and what is known of these, as [Embedding] wrote them, in memory.
public final class EmbeddingTable implements ClusterRows {
  private static final String COMMAND = "embed";

  private record Entry(
      long row,
      int source,
      long frame,
      int size,
      float energy,
      @Nullable Truth truth,
      float[] features) {}

  private final Path file;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Integer> sources = new LinkedHashMap<>();
  private @Nullable EnergyUnit unit;

  private EmbeddingTable(Path file) {
    this.file = file;
  }

  /// Reads a table.
  ///
  /// @throws InputException where it is none of [Embedding], is empty, or a feature is not finite
  public static EmbeddingTable read(Path file, Progress progress) {
    EmbeddingTable table = new EmbeddingTable(file);
    ParquetRows.read(file, COMMAND, Embedding.columns(), progress, table::add);
    if (table.entries.isEmpty()) {
      throw new InputException(file, "holds no cluster", "Embed a data set that has some");
    }
    return table;
  }

  private void add(List<@Nullable Object> values) {
    int at = ClusterColumns.leading().size();
    if (!(values.get(0) instanceof Long row
        && values.get(1) instanceof String source
        && values.get(2) instanceof Long frame
        && values.get(3) instanceof String label
        && values.get(4) instanceof Integer size
        && values.get(5) instanceof Float energy
        && values.get(at) instanceof float[] features)) {
      throw wrong("a value is missing");
    }
    EnergyUnit own =
        Arrays.stream(EnergyUnit.values())
            .filter(one -> one.label().equals(label))
            .findFirst()
            .orElseThrow(() -> wrong("its unit is " + label));
    if (unit != null && own != unit) {
      throw wrong("its energy is in " + own.label() + ", those before in " + unit.label());
    }
    unit = own;
    if (!entries.isEmpty() && features.length != features()) {
      throw wrong("it has " + features.length + " features, those before " + features());
    }
    for (int k = 0; k < features.length; k++) {
      if (!Float.isFinite(features[k])) {
        throw new InputException(
            file.toString(),
            "row " + entries.size(),
            "feature " + k + " is " + features[k],
            "A network that gives such features is no use: train it again, with a smaller"
                + " --learning-rate, or leave such clusters out");
      }
    }
    sources.putIfAbsent(source, sources.size());
    int number = sources.getOrDefault(source, 0);
    Truth truth = ClusterColumns.truth(values.subList(6, at));
    entries.add(new Entry(row, number, frame, size, energy, truth, features));
  }

  private InputException wrong(String problem) {
    return new InputException(
        file.toString(),
        "row " + entries.size(),
        problem,
        "Make the file again with the command " + COMMAND);
  }

  /// Returns the file that was read.
  public Path file() {
    return file;
  }

  /// Returns what labels need to know of the data: the sources and the unit of the energies.
  public DatasetInfo info() {
    EnergyUnit known = unit == null ? EnergyUnit.KEV : unit;
    List<SourceInfo> infos =
        sources.keySet().stream()
            .map(name -> new SourceInfo(name, "", "", "", 1, 1, false, known, Map.of()))
            .toList();
    return DatasetInfo.of("", infos);
  }

  /// Returns the number of features of a cluster.
  public int features() {
    return entries.getFirst().features.length;
  }

  /// Returns the features of some of the clusters (clusters, features).
  public float[][] features(int[] rows) {
    return Arrays.stream(rows).mapToObj(i -> entries.get(i).features).toArray(float[][]::new);
  }

  /// Returns the number that a cluster has in the file that it was embedded from.
  public long row(int cluster) {
    return entries.get(cluster).row;
  }

  /// Returns the energy of a cluster, in the unit of its source.
  public float energy(int cluster) {
    return entries.get(cluster).energy;
  }

  @Override
  public int count() {
    return entries.size();
  }

  @Override
  public int size(int cluster) {
    return entries.get(cluster).size;
  }

  @Override
  public long frame(int cluster) {
    return entries.get(cluster).frame;
  }

  @Override
  public int source(int cluster) {
    return entries.get(cluster).source;
  }

  @Override
  public @Nullable Truth truth(int cluster) {
    return entries.get(cluster).truth;
  }

  @Override
  public boolean hasTruth() {
    return entries.stream().anyMatch(entry -> entry.truth != null);
  }
}
