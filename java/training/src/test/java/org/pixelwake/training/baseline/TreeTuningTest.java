package org.pixelwake.training.baseline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.features.FeatureColumn;
import org.pixelwake.timepix.features.SensorShape;

class TreeTuningTest {
  private static final SensorShape SENSOR = new SensorShape(256, 256, 55, 500);
  private static final BaselineOptions PLAIN =
      new BaselineOptions(
          60,
          1,
          0.3,
          1,
          1,
          1,
          true,
          EnumSet.of(FeatureColumn.ENERGY, FeatureColumn.SIZE, FeatureColumn.DURATION));

  private enum Rule {
    /// The class is told by energy and size together, by neither alone.
    TOGETHER,
    /// The class is told by energy, and a quarter of the labels is wrong.
    NOISY
  }

  @Test
  void deepTreesAreChosenWhereQuantitiesTellTogether() {
    List<BaselineOptions> grid = List.of(PLAIN, PLAIN.withTrees(3, 0.3, 60));
    TreeTuning found = tune(grid, data(Rule.TOGETHER, 1200, 900), 900, 1);
    assertEquals(3, found.chosen().depth());
    assertTrue(found.trials().get(1).loss() < 0.3, found::toString);
    // Each quantity alone leaves the classes as they are: ln 2.
    assertEquals(Math.log(2), found.trials().get(0).loss(), 0.05);
  }

  @Test
  void fewShallowTreesAreChosenWhereLabelsAreNoisy() {
    List<BaselineOptions> grid = List.of(PLAIN.withTrees(8, 0.3, 60), PLAIN.withTrees(1, 0.3, 60));
    TreeTuning found = tune(grid, data(Rule.NOISY, 1200, 900), 900, 1);
    assertEquals(1, found.chosen().depth());
    assertTrue(found.trials().getFirst().rounds() < 10, "deep trees learn the noise at once");
    assertTrue(found.chosen().rounds() > found.trials().getFirst().rounds(), found::toString);
  }

  @Test
  void otherClustersOfTheTableAreNotLookedAt() {
    List<BaselineOptions> grid = List.of(PLAIN, PLAIN.withTrees(3, 0.1, 60));
    // The last 300 are neither learned from nor measured on.
    Data one = data(Rule.TOGETHER, 1200, 900);
    Data changed = changed(one, 900);
    assertEquals(tune(grid, one, 900, 1), tune(grid, changed, 900, 1));
    assertNotEquals(tune(grid, one, 1200, 1), tune(grid, changed, 1200, 1), "they would matter");
  }

  @Test
  void theChoiceIsTheSameForAnyNumberOfThreads() {
    List<BaselineOptions> grid = new ArrayList<>();
    for (int depth = 1; depth <= 4; depth++) {
      grid.add(PLAIN.withTrees(depth, 0.2, 40));
    }
    Data data = data(Rule.NOISY, 900, 900);
    TreeTuning one = tune(grid, data, 900, 1);
    assertEquals(one, tune(grid, data, 900, 3));
    assertEquals(4, one.trials().size());
    assertTrue(
        one.trials().stream().allMatch(t -> t.loss() >= leastLoss(one)), "the least loss is taken");
  }

  private static double leastLoss(TreeTuning tuning) {
    return tuning.trials().stream()
        .filter(t -> t.depth() == tuning.chosen().depth())
        .mapToDouble(TreeTuning.Trial::loss)
        .min()
        .orElseThrow();
  }

  @Test
  void theGridIsAsDocumented() {
    Data data = data(Rule.NOISY, 150, 150);
    TreeTuning found =
        TreeTuning.of(
            data.table,
            part(data, 0, 120),
            part(data, 120, 150),
            2,
            SENSOR,
            1,
            PLAIN,
            2,
            Progress.NONE);
    assertEquals(8, found.trials().size());
    assertEquals(3, found.trials().getFirst().depth());
    assertEquals(0.1, found.trials().getLast().learningRate());
    assertEquals(PLAIN.features(), found.chosen().features());
  }

  @Test
  void askedToStopItStops() {
    Data data = data(Rule.NOISY, 900, 900);
    List<BaselineOptions> endless = List.of(PLAIN.withTrees(1, 1e-9, Integer.MAX_VALUE / 4));
    assertThrows(
        CancellationException.class,
        () ->
            TreeTuning.among(
                endless,
                data.table,
                part(data, 0, 700),
                part(data, 700, 900),
                2,
                SENSOR,
                1,
                2,
                (done, total, unit, note) -> {
                  throw new CancellationException("stopped by the user");
                }));
  }

  private record Data(ClusterTable table, int[] labels, List<Cluster> clusters) {}

  private static TreeTuning tune(List<BaselineOptions> grid, Data data, int used, int threads) {
    return TreeTuning.among(
        grid,
        data.table,
        part(data, 0, used * 4 / 5),
        part(data, used * 4 / 5, used),
        2,
        SENSOR,
        5,
        threads,
        Progress.NONE);
  }

  private static TreeTuning.Part part(Data data, int from, int to) {
    return new TreeTuning.Part(
        IntStream.range(from, to).toArray(), Arrays.copyOfRange(data.labels, from, to));
  }

  private static Data changed(Data data, int from) {
    List<Cluster> clusters = new ArrayList<>(data.clusters.subList(0, from));
    for (int i = from; i < data.clusters.size(); i++) {
      clusters.add(cluster(40, 1, i % 2));
    }
    return new Data(ClusterTable.of(clusters, 0), data.labels, clusters);
  }

  private static Data data(Rule rule, int count, long seed) {
    Random random = new Random(seed);
    List<Cluster> clusters = new ArrayList<>();
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      boolean large = random.nextBoolean();
      boolean hot = random.nextBoolean();
      double energy = hot ? 200 + 100 * random.nextDouble() : 50 + 100 * random.nextDouble();
      clusters.add(cluster(large ? 6 : 3, (float) energy, random.nextInt(1000)));
      labels[i] =
          switch (rule) {
            case TOGETHER -> large ^ hot ? 1 : 0;
            case NOISY -> hot ^ random.nextInt(4) == 0 ? 1 : 0;
          };
    }
    return new Data(ClusterTable.of(clusters, 0), labels, clusters);
  }

  private static Cluster cluster(int hits, float energy, int duration) {
    short[] x = new short[hits];
    float[] energies = new float[hits];
    float[] times = new float[hits];
    for (int k = 0; k < hits; k++) {
      x[k] = (short) (10 + k);
      energies[k] = energy / hits;
    }
    times[hits - 1] = duration;
    short[] y = new short[hits];
    Arrays.fill(y, (short) 20);
    return new Cluster(0, 0, x, y, energies, times, null);
  }
}
