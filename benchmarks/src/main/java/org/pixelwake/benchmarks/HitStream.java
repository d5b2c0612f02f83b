package org.pixelwake.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.ReadReport;

/// Hits of a Timepix3 in the order of its readout: clusters one after the other at random times,
/// whose hits come up to 20 us late, each by itself, as columns are read out.
final class HitStream {
  private static final int MOST_TOT = 1023;
  private static final int SIDE = 256;
  private static final int LATE_NS = 20_000;
  // Ticks of FToA in a tick of ToA, and their length.
  private static final int FINE_TICKS = 16;
  private static final double FINE_NS = 1.5625;
  private static final int CHUNK_HITS = 512;
  private static final int NUMBER_BITS = 28;

  /// Column of each hit.
  final short[] x;

  /// Row of each hit.
  final short[] y;

  /// Number of the pixel of each hit, see [HitBlock#pixel(int, int)].
  final int[] pixel;

  /// ToT of each hit.
  final float[] tot;

  /// Time of arrival of each hit, ns, a multiple of 1.5625.
  final double[] toa;

  /// @param tracks the clusters, taken again and again
  /// @param hits how many
  /// @param hitsPerSecond mean rate
  HitStream(List<Cluster> tracks, int hits, double hitsPerSecond, long seed) {
    Random random = new Random(seed);
    double meanHits = tracks.stream().mapToInt(Cluster::size).average().orElseThrow();
    short[] columns = new short[hits];
    short[] rows = new short[hits];
    short[] tots = new short[hits];
    long[] ticks = new long[hits];
    // Tick of readout and number of the hit in one.
    long[] readout = new long[hits];
    double begin = 0;
    int made = 0;
    for (int t = 0; made < hits; t = (t + 1) % tracks.size()) {
      Cluster track = tracks.get(t);
      begin += -Math.log(1 - random.nextDouble()) * meanHits / hitsPerSecond * 1e9;
      for (int k = 0; k < track.size() && made < hits; k++) {
        columns[made] = track.x()[k];
        rows[made] = track.y()[k];
        tots[made] = (short) Math.clamp(Math.round(track.energy()[k]), 1, MOST_TOT);
        ticks[made] = Math.round((begin + track.toa()[k]) / FINE_NS);
        long read = ticks[made] + (long) (random.nextInt(LATE_NS) / FINE_NS);
        readout[made] = read << NUMBER_BITS | made;
        made++;
      }
    }
    Arrays.sort(readout);
    x = new short[hits];
    y = new short[hits];
    pixel = new int[hits];
    tot = new float[hits];
    toa = new double[hits];
    for (int i = 0; i < hits; i++) {
      int hit = (int) (readout[i] & (1 << NUMBER_BITS) - 1);
      x[i] = columns[hit];
      y[i] = rows[hit];
      pixel[i] = HitBlock.pixel(x[i], y[i]);
      tot[i] = tots[hit];
      toa[i] = ticks[hit] * FINE_NS;
    }
  }

  int hits() {
    return x.length;
  }

  /// The hits from memory.
  EventSource source() {
    return new Source(this);
  }

  /// Writes the hits as a raw `.tpx3` stream of one chip.
  void write(Path file) {
    write(file, 8L * hits());
  }

  /// Writes the hits again and again, each time after those before, until their packets have so
  /// many bytes.
  ///
  /// @return the number of hits written
  long write(Path file, long bytes) {
    long length = Math.round(Arrays.stream(toa).max().orElse(0) / FINE_NS) + 1;
    long written = 0;
    try (var out =
        Files.newByteChannel(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long begin = 0; 8 * written < bytes; begin += length) {
        write(out, begin);
        written += hits();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return written;
  }

  private void write(WritableByteChannel out, long begin) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(8 * (CHUNK_HITS + 1)).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < hits(); from += CHUNK_HITS) {
      int to = Math.min(hits(), from + CHUNK_HITS);
      chunk.clear();
      chunk.put(new byte[] {'T', 'P', 'X', '3', 0, 0}).putShort((short) (8 * (to - from)));
      for (int i = from; i < to; i++) {
        chunk.putLong(packet(i, begin));
      }
      chunk.flip();
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    }
  }

  private long packet(int i, long begin) {
    long ticks = begin + Math.round(toa[i] / FINE_NS);
    long coarse = Math.ceilDiv(ticks, (long) FINE_TICKS);
    long fine = coarse * FINE_TICKS - ticks;
    long pixel = (x[i] & 1L) << 2 | y[i] & 3L;
    return 0xBL << 60
        | (long) (x[i] >> 1) << 53
        | (long) (y[i] >> 2) << 47
        | pixel << 44
        | (coarse & 0x3FFF) << 30
        | (long) tot[i] << 20
        | fine << 16
        | coarse >> 14 & 0xFFFF;
  }

  private static final class Source implements EventSource {
    private final HitStream hits;
    private int at;

    Source(HitStream hits) {
      this.hits = hits;
    }

    @Override
    public boolean next(HitBlock batch) {
      int n = Math.min(batch.pixel.length, hits.hits() - at);
      System.arraycopy(hits.pixel, at, batch.pixel, 0, n);
      System.arraycopy(hits.tot, at, batch.energy, 0, n);
      System.arraycopy(hits.toa, at, batch.toa, 0, n);
      batch.size = n;
      at += n;
      return n > 0;
    }

    @Override
    public SourceInfo info() {
      return new SourceInfo(
          "made-up hits", "tpx3", "Timepix3", "", SIDE, SIDE, true, EnergyUnit.TOT, Map.of());
    }

    @Override
    public ReadReport report() {
      return new ReadReport(at, 0, 0, 0, 0, 0, 0, 0, Map.of(), List.of(), List.of());
    }

    @Override
    public long bytesRead() {
      return at;
    }

    @Override
    public long bytesTotal() {
      return hits.hits();
    }

    @Override
    public void close() {}
  }
}
