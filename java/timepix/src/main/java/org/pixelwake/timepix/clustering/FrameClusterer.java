package org.pixelwake.timepix.clustering;

import java.util.Arrays;
import java.util.Collection;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.io.Frame;

/// Clusters of a frame: 8-connected pixels. Clusters come in the order of their first pixel by
/// (row, column), and so do the hits of each.
public final class FrameClusterer {
  private final int width;
  private final int height;
  private final int[] grid;
  private final ClusterBuilder builder = new ClusterBuilder();
  private int[] parent = new int[1024];
  private int[] next = new int[1024];
  private int[] tail = new int[1024];

  /// @param width sensor width in pixels
  /// @param height sensor height in pixels
  public FrameClusterer(int width, int height) {
    this.width = width;
    this.height = height;
    this.grid = new int[(width + 2) * (height + 2)];
    Arrays.fill(grid, -1);
  }

  /// Adds the clusters of the frame to others. No pixel may be in the frame twice.
  public void cluster(Frame frame, Collection<Cluster> clusters) {
    int n = frame.size();
    grow(n);
    int[] order = raster(frame);
    for (int k = 0; k < n; k++) {
      int hit = order[k];
      int cell = cell(frame, hit);
      parent[k] = k;
      next[k] = -1;
      tail[k] = k;
      // The four neighbours that come earlier in raster order.
      join(k, grid[cell - 1]);
      join(k, grid[cell - width - 3]);
      join(k, grid[cell - width - 2]);
      join(k, grid[cell - width - 1]);
      grid[cell] = k;
    }
    for (int k = 0; k < n; k++) {
      grid[cell(frame, order[k])] = -1;
      if (parent[k] == k) {
        for (int i = k; i >= 0; i = next[i]) {
          int hit = order[i];
          builder.add(frame.x()[hit], frame.y()[hit], frame.energy()[hit], 0);
        }
        clusters.add(builder.build(frame.number(), frame.start()));
      }
    }
  }

  private int cell(Frame frame, int hit) {
    return (frame.y()[hit] + 1) * (width + 2) + frame.x()[hit] + 1;
  }

  private int[] raster(Frame frame) {
    int n = frame.size();
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      int x = frame.x()[i];
      int y = frame.y()[i];
      if (x < 0 || y < 0 || x >= width || y >= height) {
        throw new IllegalArgumentException("pixel " + x + ", " + y + " outside the sensor");
      }
      keys[i] = ((long) y << 48) | ((long) x << 32) | i;
    }
    Arrays.sort(keys);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = (int) keys[i];
      if (i > 0 && keys[i] >>> 32 == keys[i - 1] >>> 32) {
        throw new IllegalArgumentException("a pixel is in frame " + frame.number() + " twice");
      }
    }
    return order;
  }

  private void join(int hit, int neighbour) {
    if (neighbour < 0) {
      return;
    }
    int a = BlockClusterer.root(parent, hit);
    int b = BlockClusterer.root(parent, neighbour);
    if (a != b) {
      int first = Math.min(a, b);
      int second = Math.max(a, b);
      parent[second] = first;
      next[tail[first]] = second;
      tail[first] = tail[second];
    }
  }

  private void grow(int n) {
    if (n > parent.length) {
      int size = Math.max(n, 2 * parent.length);
      parent = new int[size];
      next = new int[size];
      tail = new int[size];
    }
  }
}
