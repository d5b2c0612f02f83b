package org.pixelwake.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.InputException;
import org.pixelwake.engine.Progress;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
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
      "Small clusters are by far the most frequent in most recordings; --balance takes clusters of"
          + " every size equally often, so that a network learns long tracks too.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake dataset run1.t3pa run2.t3pa -o tracks.parquet --calibration calibration/",
      "  pixelwake dataset tracks.parquet -o balanced.parquet --balance --min-hits 4 --max-hits 500"
    })
final class DatasetCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data (files, folders, zips) or data sets (.parquet).")
  private @Nullable List<Path> inputs;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT.parquet",
      description = "Data set to write.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a file that exists.")
  private boolean force;

  @Mixin private BalanceOptions choice = new BalanceOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  DatasetCommand() {}

  @Override
  public Integer call() {
    Path to = given(output);
    choice.check();
    List<Path> from = given(inputs);
    Outputs.check(List.of(to), from, force);
    ClusterOptions options = source.read();
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("dataset")) {
      Progress progress = interrupt.cancelling(line);
      if (choice.balance()) {
        balanced(from, to, options, progress);
      } else {
        DatasetStatistics written =
            merge(from, to, options, choice.minHits(), choice.maxHits(), progress);
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

  /// Writes all inputs to one file.
  private DatasetStatistics merge(
      List<Path> from,
      Path to,
      ClusterOptions options,
      int minHits,
      int maxHits,
      Progress progress) {
    try (DatasetMaker maker = new DatasetMaker(to, source.properties(), minHits, maxHits)) {
      for (Path input : from) {
        if (!source.forced() && FileKind.of(input) == FileKind.DATASET) {
          maker.addDataset(input, progress);
        } else {
          ClusterReport report = maker.addSource(input, options, progress);
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
  private void balanced(List<Path> from, Path to, ClusterOptions options, Progress progress) {
    if (from.size() == 1 && FileKind.of(from.getFirst()) == FileKind.DATASET) {
      select(from.getFirst(), to, progress);
      return;
    }
    Path merged =
        to.toAbsolutePath()
            .resolveSibling("." + to.getFileName() + "." + UUID.randomUUID() + ".merged.tmp");
    try {
      merge(from, merged, options, 1, Integer.MAX_VALUE, progress);
      select(merged, to, progress);
    } finally {
      remove(merged);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new InputException(
          file.toString(), "", "cannot be removed (" + e.getMessage() + ")", "Remove it", e);
    }
  }

  private void select(Path from, Path to, Progress progress) {
    try (DatasetReader reader = DatasetReader.open(from)) {
      Balancer.Selection selection = choice.balancer().select(reader.sizes());
      DatasetStatistics written =
          DatasetBuilder.copyRows(reader, selection.rows(), to, choice.properties(), progress);
      Bars.print(
          console(),
          "clusters by number of hits, before",
          DatasetContents.rows(selection.before()));
      Bars.print(
          console(), "clusters by number of hits, after", DatasetContents.rows(selection.after()));
      PrintWriter out = out();
      out.println(
          Texts.count(selection.target())
              + " of each full bin; "
              + Texts.count(selection.outsideLimits())
              + " clusters are outside the limits of size, "
              + Texts.count(selection.inSmallBins())
              + " in small bins");
      report(to, written);
    }
  }
}
