package org.pixelwake.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;

/// How much faster two threads cluster a stream than one, in turns, so that the machine's moods
/// meet all alike; beside it two threads that cluster a stream each, which share nothing but the
/// machine: more than those the two of one stream cannot reach.
public final class HitScaling {
  private static final int HITS = HitBenchmarks.HITS;
  private static final double RATE = 1e7;
  private static final int WARM_UP = 5;
  private static final int DEFAULT_ROUNDS = 30;
  private static final String MEASURED = "../shared/data/antiproton-timepix3-mm.zip";

  private HitScaling() {}

  /// @param arguments rounds (30), file of measured clusters
  public static void main(String[] arguments) throws InterruptedException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    Path measured = Path.of(arguments.length > 1 ? arguments[1] : MEASURED);
    for (Tracks tracks : List.of(Tracks.MEASURED, Tracks.SIMULATED)) {
      measure(tracks, new HitStream(tracks.take(measured), HITS, RATE, 1), rounds);
    }
  }

  private static void measure(Tracks tracks, HitStream hits, int rounds)
      throws InterruptedException {
    double[] one = new double[rounds];
    double[] two = new double[rounds];
    double[] apart = new double[rounds];
    for (int r = -WARM_UP; r < rounds; r++) {
      double alone = HITS / microseconds(() -> cluster(hits, 1));
      double shared = HITS / microseconds(() -> cluster(hits, 2));
      double separate = 2.0 * HITS / microseconds(() -> clusterTwice(hits));
      if (r >= 0) {
        one[r] = alone;
        two[r] = shared;
        apart[r] = separate;
      }
    }
    System.out.println(tracks);
    System.out.println("  one thread, Mhits/s:            " + quartiles(one));
    System.out.println("  two threads, Mhits/s:           " + quartiles(two));
    System.out.println("  two streams, Mhits/s:           " + quartiles(apart));
    System.out.println("  two threads over one:           " + quartiles(ratios(two, one)));
    System.out.println("  two streams over one thread:    " + quartiles(ratios(apart, one)));
    System.out.println("  two threads over two streams:   " + quartiles(ratios(two, apart)));
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private static double microseconds(Work work) throws InterruptedException {
    long begun = System.nanoTime();
    work.run();
    return (System.nanoTime() - begun) / 1e3;
  }

  private static void cluster(HitStream hits, int threads) {
    ClusterOptions options = ClusterOptions.defaults().withThreads(threads);
    HitBenchmarks.all(HitBenchmarks.hitsOf(ClusterStream.of(hits.source(), options)));
  }

  private static void clusterTwice(HitStream hits) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      threads.add(Thread.ofPlatform().start(() -> cluster(hits, 1)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static double[] ratios(double[] of, double[] to) {
    double[] ratios = new double[of.length];
    Arrays.setAll(ratios, i -> of[i] / to[i]);
    return ratios;
  }

  private static String quartiles(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return String.format(
        Locale.ROOT,
        "median %.2f, quartiles %.2f and %.2f, best %.2f",
        sorted[n / 2],
        sorted[n / 4],
        sorted[3 * n / 4],
        sorted[n - 1]);
  }
}
