package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.options.ShardOptions;
import org.pixelwake.app.terminal.Bars;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.SourceContents;
import org.pixelwake.base.InputException;
import org.pixelwake.options.BalanceOptions;
import org.pixelwake.options.PileUpOptions;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.Conversion;
import org.pixelwake.run.data.DatasetRecipe;
import org.pixelwake.run.data.Outputs;
import org.pixelwake.run.data.PileUpRecipe;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.pileup.PileUps;
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
          + " Parquet file: one row per cluster, its hits as lists, readable by pandas, polars,"
          + " DuckDB and Spark. Which file each cluster is from is kept.",
      "",
      "With --shards or --shard-clusters it is a folder of Parquet files, which every command reads"
          + " like one file.",
      "",
      "Small clusters are by far the most frequent in most recordings; --balance takes clusters of"
          + " every size equally often, so that a network learns long tracks too.",
      "",
      "--pile-up makes a task of a recording: two particles whose tracks touch against single ones,"
          + " with the answers known.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake dataset run1.t3pa run2.t3pa -o tracks.parquet --calibration calibration/",
      "  pixelwake dataset tracks.parquet -o balanced.parquet --balance --min-hits 4 --max-hits 500",
      "  pixelwake dataset raw/ -o tracks --shards 8",
      "  pixelwake dataset tracks.parquet -o some.parquet --where \"size > 8 and energy < 500\"",
      "  pixelwake dataset sr90.zip -o train.parquet --pile-up --test test.parquet --calibration abct/"
    })
public final class DatasetCommand extends PixelwakeCommand implements DatasetRecipe.Listener {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data (files, folders, zips) or data sets (.parquet, folders).")
  private @Nullable List<Path> inputs;

  @Mixin
  private OutputOptions output =
      OutputOptions.required(
          "OUT.parquet",
          "Data set to write; a folder with --shards.",
          "Replace a data set that exists.");

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
  @Mixin private PileUpOptions pileUps = new PileUpOptions();
  @Mixin private ShardOptions shards = new ShardOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  @Override
  public Integer call() {
    Path to = output.path();
    choice.check();
    shards.check();
    pileUps.check();
    List<Path> from = given(inputs);
    if (pileUps.any()) {
      return pileUp(from, to);
    }
    if (shards.any()) {
      Outputs.checkFolder(to, from, output.force());
    } else {
      output.file(from);
    }
    DatasetRecipe recipe =
        new DatasetRecipe(
            source.read(),
            source.properties(),
            choice.minHits(),
            choice.maxHits(),
            where,
            choice.balance()
                ? new DatasetRecipe.Balance(
                    choice.balancer(), choice.balanceClasses(), choice.properties())
                : null,
            shards::of,
            shards.needTotal());
    print(to, work("dataset", progress -> recipe.make(from, to, this, progress)));
    return ExitCode.OK;
  }

  private Integer pileUp(List<Path> from, Path to) {
    if (shards.any()) {
      throw new InputException(
          "--pile-up", "writes one file", "Divide it by another `dataset --shards`");
    }
    Path test = pileUps.test();
    if (test != null && test.toAbsolutePath().normalize().equals(to.toAbsolutePath().normalize())) {
      throw new InputException(test, "is --output too", "Name two data sets");
    }
    Outputs.check(test == null ? List.of(to) : List.of(to, test), from, output.force());
    ClusterOptions options = source.read();
    PileUpRecipe recipe =
        new PileUpRecipe(
            new DatasetRecipe(
                options,
                source.properties(),
                1,
                Integer.MAX_VALUE,
                where,
                null,
                clusters -> null,
                false),
            pileUps.pileUp(choice, options.windowNs()),
            pileUps.share());
    PileUpRecipe.Written written =
        work("dataset", progress -> recipe.make(from, to, test, this, progress));
    out().println("hits below %.3g keV are dropped".formatted(written.made().thresholdKeV()));
    print(to, written.made().train(), written.train());
    if (test != null && written.test() != null) {
      print(test, written.made().test(), written.test());
    }
    return ExitCode.OK;
  }

  private void print(Path to, PileUps.Part part, DatasetStatistics statistics) {
    Bars.print(console(), "clusters by number of hits", statistics.sizes());
    out()
        .println(
            "%s of each class, matched of %s pile-ups and %s single clusters"
                .formatted(
                    Texts.count(part.clusters().size() / 2),
                    Texts.count(part.overlays()),
                    Texts.count(part.singles())));
    out().println(to + ": " + Conversion.amounts(statistics));
  }

  @Override
  public void read(Path input, ClusterReport report) {
    out().println(input + ": " + Texts.count(report.clusters()) + " clusters");
    SourceContents.printLeftOut(out(), report);
  }

  @Override
  public void outsideLimits(long clusters) {
    out().println(Texts.count(clusters) + " clusters left out for their size");
  }

  @Override
  public void kept(long clusters, long all) {
    out().println(Texts.count(clusters) + " of " + Texts.count(all) + " clusters: " + where);
  }

  private void print(Path to, DatasetRecipe.Made made) {
    Balancer.Selection selection = made.selection();
    if (selection == null) {
      Bars.print(console(), "clusters by number of hits", made.statistics().sizes());
    } else {
      Bars.print(console(), "clusters by number of hits, before", selection.before());
      Bars.print(console(), "clusters by number of hits, after", selection.after());
      out()
          .println(
              Texts.count(selection.target())
                  + (choice.balanceClasses()
                      ? " of each particle in each full bin; "
                      : " of each full bin; ")
                  + Texts.count(selection.outsideLimits())
                  + " clusters are outside the limits of size, "
                  + Texts.count(selection.inSmallBins())
                  + " in small bins");
    }
    out().println(to + ": " + Conversion.amounts(made.statistics()));
  }
}
