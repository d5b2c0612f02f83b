package org.pixelwake.app.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.BalanceOptions;
import org.pixelwake.app.options.ShardOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.Bars;
import org.pixelwake.app.terminal.DatasetContents;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.Outputs;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.ClusterSql;
import org.pixelwake.run.data.FileKind;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.Sharding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake dataset`.
@Command(
    name = "dataset",
    description = {
      "Makes a data set of clusters to train on.",
      "",
      "Reads detector data and data sets (.parquet), finds the clusters, and writes all to one"
          + " Parquet file: a row a cluster, its hits as lists, readable by pandas, polars, DuckDB"
          + " and Spark. Which file each cluster is from is kept.",
      "",
      "With --shards or --shard-clusters it is a folder of Parquet files, which every command reads"
          + " like one file.",
      "",
      "Small clusters are by far the most frequent in most recordings; --balance takes clusters of"
          + " every size equally often, so that a network learns long tracks too.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake dataset run1.t3pa run2.t3pa -o tracks.parquet --calibration calibration/",
      "  pixelwake dataset tracks.parquet -o balanced.parquet --balance --min-hits 4 --max-hits 500",
      "  pixelwake dataset raw/ -o tracks --shards 8",
      "  pixelwake dataset tracks.parquet -o some.parquet --where \"size > 8 and energy < 500\""
    })
public final class DatasetCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data (files, folders, zips) or data sets (.parquet, folders).")
  private @Nullable List<Path> inputs;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT.parquet",
      description = "Data set to write; a folder with --shards.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a data set that exists.")
  private boolean force;

  @Option(
      names = "--where",
      paramLabel = "EXPRESSION",
      description =
          "Keep the clusters for which this holds, such as \"size > 8 and energy < 500\": SQL on the"
              + " columns size (hits), energy (of the cluster), time (ns), frame, source, and"
              + " particle, primary_energy_mev, theta_deg, phi_deg where they are known. Before"
              + " --balance.")
  private @Nullable String where;

  @Mixin private BalanceOptions choice = new BalanceOptions();
  @Mixin private ShardOptions shards = new ShardOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  DatasetCommand() {}

  @Override
  public Integer call() {
    Path to = given(output);
    choice.check();
    shards.check();
    List<Path> from = given(inputs);
    if (shards.any()) {
      Outputs.checkFolder(to, from, force);
    } else {
      Outputs.check(List.of(to), from, force);
    }
    ClusterOptions options = source.read();
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("dataset")) {
      Progress progress = interrupt.cancelling(line);
      if (choice.balance() || where != null) {
        chosen(from, to, options, progress);
      } else {
        DatasetStatistics written = all(from, to, options, progress);
        Bars.print(console(), "clusters by number of hits", DatasetContents.rows(written.sizes()));
        report(to, written);
      }
    }
    return ExitCode.OK;
  }

  private void report(Path to, DatasetStatistics written) {
    out()
        .printf(
            "%s: %s clusters, %s hits%n",
            to, Texts.count(written.clusters()), Texts.count(written.hits()));
  }

  /// Writes all inputs within the limits of size. Where their number must be known before, they go
  /// to a file beside the target first.
  private DatasetStatistics all(
      List<Path> from, Path to, ClusterOptions options, Progress progress) {
    Limits limits = new Limits(choice.minHits(), choice.maxHits());
    if (!shards.needTotal()) {
      return merge(from, to, options, limits, shards.of(0), progress);
    }
    Path merged = beside(to, "merged");
    try {
      long total = merge(from, merged, options, limits, null, progress).clusters();
      try (DatasetReader reader = DatasetReader.open(merged);
          DatasetBuilder builder =
              DatasetBuilder.create(to, Version.CURRENT, reader.info().properties())
                  .shard(shards.of(total))) {
        builder.add(reader, progress);
        return builder.finish();
      }
    } finally {
      remove(merged);
    }
  }

  /// Sizes of the clusters taken.
  private record Limits(int fewest, int most) {
    static final Limits NONE = new Limits(1, Integer.MAX_VALUE);
  }

  /// Writes all inputs to one data set.
  private DatasetStatistics merge(
      List<Path> from,
      Path to,
      ClusterOptions options,
      Limits limits,
      @Nullable Sharding sharding,
      Progress progress) {
    try (DatasetBuilder maker =
        DatasetBuilder.create(to, Version.CURRENT, source.properties())
            .limit(limits.fewest, limits.most)
            .shard(sharding)) {
      for (Path input : from) {
        if (!source.forced() && FileKind.of(input) == FileKind.DATASET) {
          maker.add(input, progress);
        } else {
          ClusterReport report = maker.add(input, options, progress);
          out().println(input + ": " + Texts.count(report.clusters()) + " clusters");
          SourceContents.printLeftOut(out(), report);
        }
      }
      if (maker.outsideLimits() > 0) {
        out().println(Texts.count(maker.outsideLimits()) + " clusters left out for their size");
      }
      return maker.finish();
    }
  }

  /// Writes all inputs to a file beside the target, chooses of it, and removes it. A single data
  /// set is chosen of as it is.
  private void chosen(List<Path> from, Path to, ClusterOptions options, Progress progress) {
    Path merged = beside(to, "merged");
    Path filtered = beside(to, "filtered");
    try {
      Path all = from.getFirst();
      if (from.size() > 1 || FileKind.of(all) != FileKind.DATASET) {
        merge(from, merged, options, Limits.NONE, null, progress);
        all = merged;
      }
      if (where != null) {
        Path kept = choice.balance() ? filtered : to;
        filter(all, kept, where, progress);
        all = kept;
      }
      if (choice.balance()) {
        balance(all, to, progress);
      }
    } finally {
      remove(merged);
      remove(filtered);
    }
  }

  private static Path beside(Path to, String what) {
    return to.toAbsolutePath()
        .resolveSibling("." + to.getFileName() + "." + UUID.randomUUID() + "." + what + ".tmp");
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new InputException(file, "cannot be removed (" + e.getMessage() + ")", "Remove it", e);
    }
  }

  /// Copies the rows for which the expression holds, within the limits of size.
  private void filter(Path from, Path to, String expression, Progress progress) {
    int[] rows;
    try (ClusterSql sql = ClusterSql.open(from)) {
      rows = sql.rows(expression);
    }
    if (rows.length == 0) {
      throw new InputException(
          "--where", "it holds for no cluster of " + from, "Widen it; see `pixelwake query`");
    }
    try (DatasetReader reader = DatasetReader.open(from)) {
      if (!choice.balance()) {
        int[] sizes = reader.sizes();
        rows =
            Arrays.stream(rows)
                .filter(row -> sizes[row] >= choice.minHits() && sizes[row] <= choice.maxHits())
                .toArray();
      }
      DatasetStatistics written =
          DatasetBuilder.copyRows(
              reader,
              rows,
              to,
              Map.of("where", expression),
              choice.balance() ? null : shards.of(rows.length),
              progress);
      out()
          .printf(
              "%s of %s clusters: %s%n",
              Texts.count(written.clusters()), Texts.count(reader.count()), expression);
      if (!choice.balance()) {
        Bars.print(console(), "clusters by number of hits", DatasetContents.rows(written.sizes()));
        report(to, written);
      }
    }
  }

  private void balance(Path from, Path to, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(from)) {
      Balancer.Selection selection = select(reader);
      DatasetStatistics written =
          DatasetBuilder.copyRows(
              reader,
              selection.rows(),
              to,
              choice.properties(),
              shards.of(selection.rows().length),
              progress);
      Bars.print(
          console(),
          "clusters by number of hits, before",
          DatasetContents.rows(selection.before()));
      Bars.print(
          console(), "clusters by number of hits, after", DatasetContents.rows(selection.after()));
      PrintWriter out = out();
      out.println(
          Texts.count(selection.target())
              + (choice.balanceClasses()
                  ? " of each particle in each full bin; "
                  : " of each full bin; ")
              + Texts.count(selection.outsideLimits())
              + " clusters are outside the limits of size, "
              + Texts.count(selection.inSmallBins())
              + " in small bins");
      report(to, written);
    }
  }

  private Balancer.Selection select(DatasetReader reader) {
    int[] sizes = reader.sizes();
    if (!choice.balanceClasses()) {
      return choice.balancer().select(sizes);
    }
    if (!reader.hasTruth()) {
      throw new InputException(
          "--balance-classes",
          "the particles of these clusters are not known",
          "Give simulated clusters, or labelled ones");
    }
    int[] classes = new int[sizes.length];
    Map<Integer, Integer> numbers = new HashMap<>();
    int done = 0;
    for (ClusterTable batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
      for (int row = 0; row < batch.count(); row++) {
        Truth truth = batch.truth(row);
        int particle = truth == null ? Truth.UNKNOWN_PARTICLE : truth.particle();
        classes[done++] = numbers.computeIfAbsent(particle, key -> numbers.size());
      }
    }
    reader.rewind();
    return choice.balancer().select(sizes, classes, numbers.size());
  }
}
