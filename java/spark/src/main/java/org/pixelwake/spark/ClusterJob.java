package org.pixelwake.spark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.options.BalanceOptions;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.dataset.DatasetBuilder;
import org.pixelwake.timepix.dataset.Shards;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The Spark job that `pixelwake dataset` is on one machine: detector data to data sets of
/// clusters, a task a source.
///
/// Inputs and output are on a file system that all machines see by the same path. The clusters are
/// those of one machine, to the bit: each source is read and clustered by the same classes, and no
/// source is divided. Each data set is written under another name and renamed when it is whole, so
/// a task that fails or runs twice leaves nothing half-written.
@Command(
    name = "cluster-job",
    description = {
      "Makes data sets of clusters from many files of detector data, by Apache Spark.",
      "",
      "Each input file is a source, as is each file and folder in an input folder. The output folder"
          + " gets a data set a source (part-00000.parquet ...) and _sources.csv, which tells what"
          + " became of each source; where all energies are in one unit, the folder is one data set of"
          + " all. A source that cannot be read is told there and at the end; the others are written.",
      ""
    },
    mixinStandardHelpOptions = true)
public final class ClusterJob implements Callable<Integer> {
  private static final int USER_ERROR = 2;

  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Detector data: files, archives, folders of them.")
  List<Path> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FOLDER",
      description = "Folder for the data sets.")
  Path output = Path.of("");

  @Option(
      names = {"-f", "--force"},
      description = "Replace the data sets of an earlier job in that folder.")
  boolean force;

  @Mixin SourceOptions source = new SourceOptions();
  @Mixin BalanceOptions choice = new BalanceOptions();

  private final String[] arguments;

  private ClusterJob(String[] arguments) {
    this.arguments = arguments;
  }

  /// Runs the job and ends the process with 0, or with 2 where an option or a source is wrong.
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /// Runs the job.
  ///
  /// @return the exit code
  public static int run(String... arguments) {
    return new CommandLine(new ClusterJob(arguments))
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          if (failure instanceof InputException) {
            command.getErr().println("cluster-job: " + failure.getMessage());
            return USER_ERROR;
          }
          throw failure;
        })
        .execute(arguments);
  }

  /// The job of these arguments, without running it.
  static ClusterJob parse(String[] arguments) {
    ClusterJob job = new ClusterJob(arguments);
    new CommandLine(job).parseArgs(arguments);
    return job;
  }

  // Balancing chooses among clusters of all sizes.
  private DatasetBuilder dataset(Path target) {
    return DatasetBuilder.create(target, Version.CURRENT, source.properties())
        .limit(
            choice.balance() ? 1 : choice.minHits(),
            choice.balance() ? Integer.MAX_VALUE : choice.maxHits());
  }

  @Override
  public Integer call() throws IOException {
    choice.check();
    source.read(); // a wrong option or calibration is told before anything begins
    List<Path> sources = Sources.of(inputs);
    Path folder = output.toAbsolutePath();
    prepare(folder);
    SparkConf settings = new SparkConf().setAppName("Pixelwake clusters");
    settings.setIfMissing("spark.master", "local[*]");
    settings.setIfMissing("spark.log.level", "WARN");
    List<Outcome> outcomes;
    try (JavaSparkContext spark = new JavaSparkContext(settings)) {
      outcomes =
          choice.balance()
              ? Balancing.run(spark, arguments, sources, folder)
              : cluster(spark, arguments, sources, folder);
    }
    SourceTable.write(folder.resolve(SourceTable.NAME), outcomes);
    writeList(folder, outcomes);
    return report(outcomes);
  }

  /// Lists the data sets written, so that the folder is one data set.
  private static void writeList(Path folder, List<Outcome> outcomes) throws IOException {
    List<Shards.Shard> shards =
        outcomes.stream()
            .filter(outcome -> outcome.clusters() > 0)
            .map(outcome -> new Shards.Shard(Path.of(outcome.part().target()), outcome.clusters()))
            .toList();
    if (!shards.isEmpty()) {
      Shards.writeList(folder, shards);
    }
  }

  /// Clusters all sources, each to a data set in the folder.
  static List<Outcome> cluster(
      JavaSparkContext spark, String[] arguments, List<Path> sources, Path folder) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      String target = folder.resolve(Shards.fileName(i)).toString();
      parts.add(new Part(i, sources.get(i).toAbsolutePath().toString(), target));
    }
    spark.sc().addSparkListener(new TaskProgress(parts.size()));
    return spark.parallelize(parts, parts.size()).map(part -> cluster(arguments, part)).collect();
  }

  /// Clusters one source where the task runs.
  ///
  /// The arguments of the job travel instead of what they stand for: calibrations and masks are
  /// read from the shared file system by each task. A source that cannot be read is an outcome, not
  /// a failed task: Spark would only try it again.
  private static Outcome cluster(String[] arguments, Part part) {
    ClusterJob job = parse(arguments);
    try (DatasetBuilder builder = job.dataset(Path.of(part.target()))) {
      ClusterOptions options = job.source.read().withThreads(1);
      ClusterReport report = builder.add(Path.of(part.source()), options, Progress.NONE);
      long hits = builder.written() > 0 ? builder.finish().hits() : 0;
      String notices = String.join("; ", report.notices());
      return new Outcome(part, builder.written(), hits, report.read().malformed(), notices, false);
    } catch (InputException e) {
      return new Outcome(part, 0, 0, 0, String.valueOf(e.getMessage()), true);
    }
  }

  private int report(List<Outcome> outcomes) {
    long clusters = outcomes.stream().mapToLong(Outcome::clusters).sum();
    long hits = outcomes.stream().mapToLong(Outcome::hits).sum();
    System.out.printf(
        Locale.ROOT,
        "%s: %,d clusters, %,d hits of %,d sources%n",
        output,
        clusters,
        hits,
        outcomes.size());
    List<Outcome> failed = outcomes.stream().filter(Outcome::failed).toList();
    for (Outcome outcome : failed) {
      System.err.println("cluster-job: " + outcome.notices());
    }
    return failed.isEmpty() ? 0 : USER_ERROR;
  }

  /// Makes the folder, or empties it of an earlier job's files.
  private void prepare(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Path> old = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "{part-*.parquet,.part-*,_sources.csv,_dataset.json}")) {
      files.forEach(old::add);
    }
    if (!old.isEmpty() && !force) {
      throw new InputException(
          output,
          "it holds the data sets of an earlier job",
          "Name another folder, or replace them with --force");
    }
    for (Path file : old) {
      Files.delete(file);
    }
  }
}
