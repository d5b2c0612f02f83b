package org.pixelwake.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.HitSources;
import org.pixelwake.timepix.io.OpenOptions;

class HitStreamTest {
  private static final int HITS = 30_000;

  /// What is measured decodes to the hits that were made.
  @Test
  void aRawStreamHoldsTheHits(@TempDir Path folder) {
    HitStream hits = new HitStream(Tracks.WALKS.take(Path.of("")), HITS, 2e7, 3);
    Path file = folder.resolve("hits.tpx3");
    hits.write(file);
    HitBlock batch = new HitBlock(HITS);
    try (EventSource source = (EventSource) HitSources.open(file, OpenOptions.defaults())) {
      assertTrue(source.next(batch));
    }
    assertEquals(HITS, batch.size);
    assertArrayEquals(hits.pixel, batch.pixel);
    assertArrayEquals(hits.tot, batch.energy);
    assertArrayEquals(hits.toa, batch.toa);
  }

  /// Both ways of clustering that are measured find clusters of the same sizes, where few hits are
  /// in the window and where many are.
  @Test
  void clustersAreThoseOfTheTextbook() {
    List<Cluster> tracks = Tracks.SIMULATED.take(Path.of(""));
    for (double rate : new double[] {1e6, 2e7, 2e8}) {
      HitStream hits = new HitStream(tracks, HITS, rate, 5);
      int[] expected = PlainClusters.sizes(hits, ClusterOptions.DEFAULT_WINDOW_NS);
      int[] sizes = new int[expected.length];
      try (ClusterStream clusters = ClusterStream.of(hits.source(), ClusterOptions.defaults())) {
        while (clusters.hasNext()) {
          sizes[clusters.next().size()]++;
        }
      }
      assertArrayEquals(expected, sizes, () -> rate + ": " + Arrays.toString(expected));
    }
  }
}
