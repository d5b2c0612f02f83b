package org.pixelwake.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.HitSources;
import org.pixelwake.timepix.io.OpenOptions;

/// Hits a microsecond, which is millions a second: decoding a raw stream, clustering hits from
/// memory, both in a row, and others' clustering beside them.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class HitBenchmarks {
  static final int HITS = 8_000_000;
  private static final int BATCH = 1 << 14;
  private static final long SEED = 1;

  /// Where the clusters are from.
  @Param({"WALKS", "MEASURED", "SIMULATED"})
  public Tracks tracks;

  /// Hits a second that come from the detector.
  @Param({"1e6", "1e7", "8e7"})
  public double rate;

  /// Threads that look for clusters.
  @Param({"1", "2"})
  public int threads;

  /// File of measured clusters.
  @Param("../shared/data/antiproton-timepix3-mm.zip")
  public String measured;

  private HitStream hits;
  private ClusterOptions options;
  private Path file;

  /// For JMH.
  public HitBenchmarks() {}

  /// @param arguments of JMH
  public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
    new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(arguments))
                .include("^" + HitBenchmarks.class.getName() + "\\.")
                .build())
        .run();
  }

  /// Makes the hits and the file that holds them.
  @Setup
  public void open() throws IOException {
    hits = new HitStream(tracks.take(Path.of(measured)), HITS, rate, SEED);
    options = ClusterOptions.defaults().withThreads(threads);
    file = Files.createTempFile("hits", ".tpx3");
    hits.write(file);
  }

  /// Removes the file.
  @TearDown
  public void close() throws IOException {
    Files.delete(file);
  }

  /// A raw stream to hits.
  @Benchmark
  @OperationsPerInvocation(HITS)
  public long decode() {
    long found = 0;
    HitBlock batch = new HitBlock(BATCH);
    try (EventSource source = (EventSource) HitSources.open(file, OpenOptions.defaults())) {
      while (source.next(batch)) {
        found += batch.size;
      }
    }
    return all(found);
  }

  /// Hits from memory to clusters.
  @Benchmark
  @OperationsPerInvocation(HITS)
  public long cluster() {
    return all(hitsOf(ClusterStream.of(hits.source(), options)));
  }

  /// A raw stream to clusters.
  @Benchmark
  @OperationsPerInvocation(HITS)
  public long decodeAndCluster() {
    return all(hitsOf(ClusterStream.open(file, options)));
  }

  /// Hits from memory to clusters as a textbook makes them.
  @Benchmark
  @OperationsPerInvocation(HITS)
  public int[] clusterPlainly() {
    return PlainClusters.sizes(hits, ClusterOptions.DEFAULT_WINDOW_NS);
  }

  /// Hits from memory to clusters around seeds, as tpx3awkward makes them.
  @Benchmark
  @OperationsPerInvocation(HITS)
  public int clusterBySeeds() {
    return SeedClusters.count(hits);
  }

  static long hitsOf(ClusterStream opened) {
    long found = 0;
    try (ClusterStream clusters = opened) {
      while (clusters.hasNext()) {
        found += clusters.next().size();
      }
    }
    return found;
  }

  static long all(long found) {
    if (found != HITS) {
      throw new IllegalStateException(found + " hits of " + HITS);
    }
    return found;
  }
}
