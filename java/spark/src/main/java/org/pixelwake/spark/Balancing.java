package org.pixelwake.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.Shards;

/// Balancing over all sources: all clusters are written beside the targets, those to keep are
/// chosen by their sizes alone, and each machine copies those of its files.
///
/// The choice is that of one machine for the same sources in the same order. It needs the sizes of
/// all clusters in the memory of the driver, four bytes a cluster.
final class Balancing {
  /// The rows of a data set to keep.
  private record Choice(Outcome all, String target, int[] rows) implements Serializable {}

  private Balancing() {}

  static List<Outcome> run(
      JavaSparkContext spark, String[] arguments, List<Path> sources, Path folder)
      throws IOException {
    Path whole = Files.createDirectories(folder.resolve(".part-all"));
    try {
      List<Outcome> all = ClusterJob.cluster(spark, arguments, sources, whole);
      List<Outcome> written = all.stream().filter(outcome -> outcome.clusters() > 0).toList();
      List<int[]> sizes =
          spark.parallelize(written, Math.max(1, written.size())).map(Balancing::sizes).collect();
      List<Choice> choices = choose(ClusterJob.parse(arguments), written, sizes, folder);
      List<Outcome> kept =
          spark
              .parallelize(choices, Math.max(1, choices.size()))
              .map(choice -> copy(arguments, choice))
              .collect();
      List<Outcome> result = new ArrayList<>(all);
      kept.forEach(outcome -> result.set(outcome.part().number(), outcome));
      return result;
    } finally {
      AtomicFolder.delete(whole);
    }
  }

  private static List<Choice> choose(
      ClusterJob job, List<Outcome> written, List<int[]> sizes, Path folder) {
    int[] together = sizes.stream().flatMapToInt(Arrays::stream).toArray();
    int[] rows = job.choice.balancer().select(together).rows();
    List<Choice> choices = new ArrayList<>();
    int first = 0;
    int from = 0;
    for (int i = 0; i < written.size(); i++) {
      int begin = first;
      int end = first + sizes.get(i).length;
      int to = from;
      while (to < rows.length && rows[to] < end) {
        to++;
      }
      int[] own = Arrays.stream(rows, from, to).map(row -> row - begin).toArray();
      Outcome outcome = written.get(i);
      String target = folder.resolve(Shards.fileName(outcome.part().number())).toString();
      choices.add(new Choice(outcome, target, own));
      first = end;
      from = to;
    }
    return choices;
  }

  private static int[] sizes(Outcome outcome) {
    try (DatasetReader reader = DatasetReader.open(Path.of(outcome.part().target()))) {
      return reader.sizes();
    }
  }

  private static Outcome copy(String[] arguments, Choice choice) {
    Outcome all = choice.all();
    Part part = new Part(all.part().number(), all.part().source(), choice.target());
    if (choice.rows().length == 0) {
      return new Outcome(part, 0, 0, all.malformed(), all.notices(), false);
    }
    try (DatasetReader reader = DatasetReader.open(Path.of(all.part().target()))) {
      DatasetStatistics kept =
          DatasetBuilder.copyRows(
              reader,
              choice.rows(),
              Path.of(choice.target()),
              ClusterJob.parse(arguments).choice.properties(),
              null,
              Progress.NONE);
      return new Outcome(part, kept.clusters(), kept.hits(), all.malformed(), all.notices(), false);
    }
  }
}
