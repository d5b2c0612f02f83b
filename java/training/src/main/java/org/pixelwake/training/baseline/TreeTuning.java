package org.pixelwake.training.baseline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.SensorShape;

/// Depth, learning rate and number of trees, chosen on the clusters that the trees learn from.
///
/// These clusters are divided once more. For every depth and learning rate of a grid, trees are
/// grown on the larger part until the cross-entropy of the smaller part, weighted as the trees'
/// loss is, has not become less for [#PATIENCE] rounds. The depth, the learning rate and the number
/// of rounds with the least cross-entropy are taken; of equals, the first. No other clusters are
/// looked at. The same clusters and seed give the same choice, whatever the number of threads.
///
/// The grid of [#of] takes about 15 s for 34,000 clusters of 23 features on two cores. On simulated
/// protons and electrons, trees of depth 3 and 4 with small steps are the best; all trees of depth
/// 3 to 5 with rates of 0.01 to 0.05 were within 0.0012 of the balanced accuracy.
///
/// @param chosen the options
/// @param trials what was tried, in the order of the grid
public record TreeTuning(BaselineOptions chosen, List<Trial> trials) {
  /// Part of the training clusters that the choice is measured on.
  public static final double PART = 0.2;

  /// Rounds without a smaller cross-entropy after which no more trees are grown.
  public static final int PATIENCE = 50;

  private static final int[] DEPTHS = {3, 4, 5, 6};
  private static final double[] RATES = {0.03, 0.1};
  private static final int MOST_ROUNDS = 2000;
  private static final long POLL_MS = 50;

  public TreeTuning {
    trials = List.copyOf(trials);
  }

  /// A depth and a learning rate with what came of them.
  ///
  /// @param depth largest depth of a tree
  /// @param learningRate share of a tree that is added
  /// @param rounds trees with the least cross-entropy
  /// @param loss that cross-entropy, a cluster
  public record Trial(int depth, double learningRate, int rounds, double loss) {}

  /// Labelled rows of a table.
  ///
  /// @param rows in the table
  /// @param labels their classes, from 0
  public record Part(int[] rows, int[] labels) {}

  /// Chooses among trees of depth 3, 4, 5 and 6, of learning rates 0.03 and 0.1, up to 2000 of
  /// them.
  ///
  /// @param learned clusters to grow trees on
  /// @param measured clusters to measure them on, none of them among the first
  /// @param options all else of the trees
  /// @param threads that share the grid
  /// @param progress told the trials; what it throws ends the work
  public static TreeTuning of(
      ClusterTable table,
      Part learned,
      Part measured,
      int classes,
      SensorShape sensor,
      long seed,
      BaselineOptions options,
      int threads,
      Progress progress) {
    List<BaselineOptions> grid = new ArrayList<>();
    for (int depth : DEPTHS) {
      for (double rate : RATES) {
        grid.add(options.withTrees(depth, rate, MOST_ROUNDS));
      }
    }
    return among(grid, table, learned, measured, classes, sensor, seed, threads, progress);
  }

  /// Does the same with another grid.
  ///
  /// @param grid options that differ in depth, learning rate and the most rounds; not empty
  static TreeTuning among(
      List<BaselineOptions> grid,
      ClusterTable table,
      Part learned,
      Part measured,
      int classes,
      SensorShape sensor,
      long seed,
      int threads,
      Progress progress) {
    BaselineOptions first = grid.getFirst();
    BoostedTrees.Sample train =
        FeatureBaseline.sample(table, learned.rows, learned.labels, classes, sensor, first);
    BoostedTrees.Sample other =
        FeatureBaseline.sample(table, measured.rows, measured.labels, classes, sensor, first);
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    List<Trial> trials = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads))) {
      List<Future<Trial>> futures = new ArrayList<>();
      for (BaselineOptions options : grid) {
        futures.add(
            pool.submit(() -> {
              Trial trial = trial(train, other, classes, seed, options, stopped);
              done.incrementAndGet();
              return trial;
            }));
      }
      try {
        for (Future<Trial> future : futures) {
          trials.add(result(future, () -> told(progress, done.get(), grid.size())));
        }
      } finally {
        stopped.set(true);
      }
    }
    int best = 0;
    for (int k = 1; k < trials.size(); k++) {
      best = trials.get(k).loss < trials.get(best).loss ? k : best;
    }
    Trial least = trials.get(best);
    return new TreeTuning(
        grid.get(best).withTrees(least.depth, least.learningRate, least.rounds), trials);
  }

  private static void told(Progress progress, int done, int all) {
    progress.update(done, all, "settings of trees", "");
  }

  private static Trial trial(
      BoostedTrees.Sample train,
      BoostedTrees.Sample other,
      int classes,
      long seed,
      BaselineOptions options,
      AtomicBoolean stopped) {
    float[] losses =
        FeatureBaseline.withLibrary(() ->
            BoostedTrees.losses(
                train,
                other,
                classes,
                seed,
                options,
                PATIENCE,
                () -> {
                  if (stopped.get()) {
                    throw new CancellationException("another trial or the caller ended the work");
                  }
                }));
    int best = 0;
    for (int k = 1; k < losses.length; k++) {
      best = losses[k] < losses[best] ? k : best;
    }
    return new Trial(options.depth(), options.learningRate(), best + 1, losses[best]);
  }

  private static Trial result(Future<Trial> future, Runnable waiting) {
    while (true) {
      waiting.run();
      try {
        return future.get(POLL_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // It goes on.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
