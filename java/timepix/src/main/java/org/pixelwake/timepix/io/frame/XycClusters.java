package org.pixelwake.timepix.io.frame;

import java.util.Arrays;
import java.util.BitSet;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ClusterSink;
import org.pixelwake.timepix.io.Frame;

/// Puts clusters into frames and writes these.
public final class XycClusters implements ClusterSink {
  private final XycWriter writer;
  private final int width;
  private final int together;
  private final float[] energy;
  private final BitSet hit = new BitSet();
  private long frame;

  /// @param together number of consecutive frame numbers that are written as one frame
  public XycClusters(XycWriter writer, SourceInfo info, int together) {
    if (together < 1) {
      throw new IllegalArgumentException("frames of " + together + " frames");
    }
    this.writer = writer;
    this.width = info.width();
    this.together = together;
    this.energy = new float[info.width() * info.height()];
  }

  @Override
  public void append(Cluster cluster) {
    if (!hit.isEmpty() && cluster.frame() / together != frame) {
      flush();
    }
    frame = cluster.frame() / together;
    for (int i = 0; i < cluster.size(); i++) {
      int pixel = cluster.y()[i] * width + cluster.x()[i];
      energy[pixel] += cluster.energy()[i];
      hit.set(pixel);
    }
  }

  private void flush() {
    int n = hit.cardinality();
    short[] x = new short[n];
    short[] y = new short[n];
    float[] values = new float[n];
    int at = 0;
    for (int pixel = hit.nextSetBit(0); pixel >= 0; pixel = hit.nextSetBit(pixel + 1)) {
      x[at] = (short) (pixel % width);
      y[at] = (short) (pixel / width);
      values[at++] = energy[pixel];
    }
    writer.add(new Frame(writer.frames(), 0, 0, "", x, y, values));
    Arrays.fill(energy, 0);
    hit.clear();
  }

  @Override
  public void finish() {
    if (!hit.isEmpty()) {
      flush();
    }
    writer.finish();
  }

  @Override
  public long hits() {
    return writer.hits();
  }

  @Override
  public long frames() {
    return writer.frames();
  }

  @Override
  public void close() {
    writer.close();
  }
}
