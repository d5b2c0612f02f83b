package org.pixelwake.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;

/// Whether memory stays as it is over a long stream: clusters a raw file of so many bytes and
/// prints every so often how much memory the process holds and how fast it is.
public final class LongStream {
  private static final int HITS = 4_000_000;
  private static final int PRINTS = 20;

  private LongStream() {}

  /// @param arguments file to make and to remove, gigabytes, hits a second of the detector,
  ///   threads, file of measured clusters (or `-` for simulated ones)
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    long bytes = Math.round(Double.parseDouble(arguments[1]) * 1e9);
    double rate = Double.parseDouble(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    boolean simulated = arguments[4].equals("-");
    Tracks tracks = simulated ? Tracks.SIMULATED : Tracks.MEASURED;
    HitStream stream = new HitStream(tracks.take(Path.of(arguments[4])), HITS, rate, 1);
    try {
      long hits = stream.write(file, bytes);
      System.out.printf(Locale.ROOT, "%d hits, %.2f GB%n", hits, Files.size(file) / 1e9);
      cluster(file, hits, ClusterOptions.defaults().withThreads(threads));
    } finally {
      Files.delete(file);
    }
  }

  private static void cluster(Path file, long hits, ClusterOptions options) throws IOException {
    long begin = System.nanoTime();
    long found = 0;
    long clusters = 0;
    long print = hits / PRINTS;
    try (ClusterStream stream = ClusterStream.open(file, options)) {
      while (stream.hasNext()) {
        found += stream.next().size();
        clusters++;
        if (found >= print) {
          print += hits / PRINTS;
          double seconds = (System.nanoTime() - begin) / 1e9;
          System.out.printf(
              Locale.ROOT,
              "%.1f s: %d hits, %d clusters, %.1f Mhits/s, most memory so far %d MiB%n",
              seconds,
              found,
              clusters,
              found / seconds / 1e6,
              ProcessMemory.peakResidentMebibytes());
        }
      }
      if (found + stream.report().lateHits() != hits) {
        throw new IllegalStateException(found + " hits of " + hits);
      }
      System.out.println("late hits: " + stream.report().lateHits());
    }
  }
}
