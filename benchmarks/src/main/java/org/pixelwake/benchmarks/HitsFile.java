package org.pixelwake.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.FinetuneData;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.Workload;

/// Writes the clusters that `pixelwake bench` takes of a data set as plain columns, for peers that
/// read no Parquet: counts of clusters, hits and classes; classes (i32); offsets of the clusters
/// (i32), then x, y (i16), energy and time of arrival (f32) of the hits, all little-endian.
public final class HitsFile {
  private HitsFile() {}

  /// @param arguments data set, number of clusters, file to write
  public static void main(String[] arguments) throws IOException {
    PretrainConfig config = new PretrainConfig();
    config.arch = "hits_s";
    config.batch = Integer.parseInt(arguments[1]);
    Workload.prepare(config);
    config.validate();
    FinetuneData data = new Workload(config, Path.of(arguments[0]), Workload.HITS).labelled();
    ClusterTable table = data.table();
    int hits = table.hitCount();
    ByteBuffer bytes =
        ByteBuffer.allocate(12 + 4 * config.batch + 4 * (config.batch + 1) + 12 * hits)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(config.batch).putInt(hits).putInt(data.classes().size());
    for (int row = 0; row < config.batch; row++) {
      bytes.putInt(data.label(row));
    }
    for (int row = 0; row <= config.batch; row++) {
      bytes.putInt(row < config.batch ? table.start(row) : hits);
    }
    bytes.asShortBuffer().put(table.x()).put(table.y());
    bytes.position(bytes.position() + 4 * hits);
    bytes.asFloatBuffer().put(table.energy()).put(table.toa());
    Files.write(Path.of(arguments[2]), bytes.array());
  }
}
