package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.FolderLock;
import org.pixelwake.run.Host;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;
import org.pixelwake.run.benchmark.Benchmark;
import org.pixelwake.run.benchmark.BenchmarkData;
import org.pixelwake.run.benchmark.BenchmarkFolder;
import org.pixelwake.run.benchmark.BenchmarkPlan;
import org.pixelwake.run.benchmark.BenchmarkPlan.Scale;
import org.pixelwake.run.benchmark.BenchmarkReport;
import org.pixelwake.run.benchmark.ControlScore;
import org.pixelwake.run.benchmark.TaskScores;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake benchmark`: tasks on which anybody's networks can be compared.
@Command(
    name = "benchmark",
    description = {
      "Compares networks by how well they tell and measure particles: the benchmark of the field,"
          + " versioned tasks on simulated clusters with fixed seeds, splits and checksums. (How fast"
          + " this machine computes is measured by `pixelwake bench`.)",
      "",
      "docs/benchmark.md describes the tasks, and how to enter with predictions in a Parquet file.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake benchmark data -o benchmark",
      "  pixelwake benchmark run --quick -o benchmark",
      "  pixelwake benchmark score predictions.parquet --task ten-particles -o benchmark"
    },
    subcommands = {
      BenchmarkCommand.Tasks.class,
      BenchmarkCommand.Data.class,
      BenchmarkCommand.Run.class,
      BenchmarkCommand.Score.class
    })
public final class BenchmarkCommand extends PixelwakeCommand {
  @Override
  public Integer call() {
    throw misuse("name what to do: tasks, data, run or score");
  }

  /// `pixelwake benchmark tasks`.
  @Command(
      name = "tasks",
      description = {"Lists the tasks.", ""})
  static final class Tasks extends PixelwakeCommand {
    @Override
    public Integer call() {
      BenchmarkPlan plan = BenchmarkPlan.current();
      out().println(plan.title());
      plan.tasks()
          .forEach((name, task) -> {
            out().println();
            out().println(name + ": " + task.title());
            out().println("  " + task.description());
            out().println("  learn from " + String.join(", ", task.train()));
            out().println("  predict " + task.test());
          });
      return ExitCode.OK;
    }
  }

  /// A subcommand that writes into the folder of a benchmark.
  abstract static class InFolder extends PixelwakeCommand {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "FOLDER",
        defaultValue = "benchmark",
        description = "Folder of the benchmark.")
    private Path output = Path.of("benchmark");

    @Option(
        names = "--tiny",
        description =
            "Some hundred clusters a set, to try out a way through the benchmark in minutes; its"
                + " figures mean nothing.")
    private boolean tiny;

    @Mixin private DeviceOptions device = new DeviceOptions();

    /// Returns the folder.
    final BenchmarkFolder folder() {
      return new BenchmarkFolder(output);
    }

    /// Returns how large the sets are.
    final Scale scale() {
      return tiny ? Scale.TINY : Scale.FULL;
    }

    /// Work in the folder.
    interface Work<T> {
      T run(Host host, Device opened);
    }

    /// Does work in the folder, which no other benchmark writes into at the same time.
    final <T> T inFolder(BenchmarkPlan plan, Work<T> work) {
      return host(host -> {
        try (FolderLock _ = FolderLock.take(output, host);
            Device opened = device.open(console())) {
          folder().claim(plan, scale());
          return work.run(host, opened);
        }
      });
    }
  }

  /// `pixelwake benchmark data`.
  @Command(
      name = "data",
      description = {
        "Writes the sets of clusters to learn from and to predict, as data sets (.parquet), and"
            + " tasks.json, which says for programs what belongs to which task.",
        "",
        "Test sets hold the truth too: it can be simulated by everyone, so it is not hidden. What is"
            + " there is not made again; what is made is compared with the checksums of the"
            + " benchmark.",
        ""
      })
  static final class Data extends InFolder {
    @Option(
        names = "--task",
        split = ",",
        paramLabel = "NAME",
        description = "Only for these tasks, separated by commas.")
    private @Nullable List<String> tasks;

    @Override
    public Integer call() {
      BenchmarkPlan plan = BenchmarkPlan.current().withTasks(orNone(tasks));
      return inFolder(
          plan,
          (host, opened) -> {
            BenchmarkData data = new BenchmarkData(plan, scale(), folder().data());
            for (String set : plan.needed()) {
              try (Host.Shown line = host.progress(set)) {
                data.make(set, opened.threads(), host.cancelling(line));
              }
            }
            data.writeIndex();
            data.files().forEach(file -> out().println(file));
            return ExitCode.OK;
          });
    }
  }

  /// `pixelwake benchmark run`.
  @Command(
      name = "run",
      description = {
        "Runs Pixelwake's own entries on the tasks and on their controls, where nothing can be"
            + " learned, and writes predictions, scores.json, costs.json and report.html.",
        "",
        "The same command goes on with a benchmark that was interrupted, by Ctrl-C or otherwise; what"
            + " is done is not done again. Scores are the same bits on one processor type and build."
            + " Exit code 1 where a control gives more than chance.",
        ""
      })
  static final class Run extends InFolder {
    @Option(
        names = "--quick",
        description =
            "Only the quickest entries, on all tasks: minutes on two processors instead of an hour."
                + " Without it the same folder goes on with the others.")
    private boolean quick;

    @Option(
        names = "--task",
        split = ",",
        paramLabel = "NAME",
        description = "Only these tasks, separated by commas.")
    private @Nullable List<String> tasks;

    @Option(
        names = "--entry",
        split = ",",
        paramLabel = "NAME",
        description = "Only these entries, separated by commas.")
    private @Nullable List<String> entries;

    @Override
    public Integer call() {
      BenchmarkPlan all = BenchmarkPlan.current();
      BenchmarkPlan chosen = all.withTasks(orNone(tasks)).withEntries(orNone(entries));
      BenchmarkPlan plan = quick ? chosen.quick() : chosen;
      Optional<BenchmarkReport> finished =
          inFolder(
              all,
              (host, opened) -> {
                boolean done = new Benchmark(host, opened, folder(), plan, scale()).run();
                BenchmarkReport found = new BenchmarkReport(folder(), all, scale(), opened);
                if (done) {
                  found.write();
                }
                return done ? Optional.of(found) : Optional.<BenchmarkReport>empty();
              });
      if (finished.isEmpty()) {
        console().notice("stopped; the same command goes on from here");
        return ExitCode.INTERRUPTED;
      }
      BenchmarkReport report = finished.get();
      report.lines().forEach(out()::println);
      out().println("report: " + folder().report());
      return report.controls().stream().allMatch(ControlScore::holds)
          ? ExitCode.OK
          : ExitCode.CHECK_FAILED;
    }
  }

  /// `pixelwake benchmark score`.
  @Command(
      name = "score",
      description = {
        "Scores predictions of a task's test set, whoever made them.",
        "",
        "PREDICTIONS is a Parquet file (compressed with gzip or not at all) with one row a cluster:"
            + " row (its number in the test set, from 0), probability_CLASS of each class or"
            + " predicted_QUANTITY of each quantity, and draw (from 1) in tasks of few labels. What"
            + " `pixelwake evaluate` writes as predictions.parquet is such a file.",
        ""
      })
  static final class Score extends InFolder {
    @Parameters(paramLabel = "PREDICTIONS", description = "Parquet file of predictions.")
    private @Nullable Path predictions;

    @Option(names = "--task", required = true, paramLabel = "NAME", description = "The task.")
    private String task = "";

    @Option(
        names = "--entry",
        paramLabel = "NAME",
        description =
            "Keep the scores in the folder under this name, and show it beside the others in its"
                + " report.")
    private @Nullable String entry;

    @Option(names = "--json", description = "Print an object instead of text.")
    private boolean json;

    @Override
    public Integer call() {
      BenchmarkPlan plan = BenchmarkPlan.current();
      plan.task(task);
      checkEntry(plan);
      TaskScores scores =
          inFolder(
              plan,
              (host, opened) -> {
                Benchmark benchmark = new Benchmark(host, opened, folder(), plan, scale());
                TaskScores found =
                    benchmark.score(
                        given(predictions), task, Objects.requireNonNullElse(entry, "predictions"));
                if (entry != null) {
                  benchmark.keep(found);
                  new BenchmarkReport(folder(), plan, scale(), opened).write();
                }
                return found;
              });
      if (json) {
        out().println(JsonOutput.text(BenchmarkReport.json(scores)));
        return ExitCode.OK;
      }
      print(scores);
      if (entry != null) {
        out().println("report: " + folder().report());
      }
      return ExitCode.OK;
    }

    private void checkEntry(BenchmarkPlan plan) {
      if (entry == null) {
        return;
      }
      if (!entry.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new InputException(
            "--entry", entry, "is no name of a folder", "Use letters, digits and -");
      }
      if (plan.entries().containsKey(entry)) {
        throw new InputException(
            "--entry", entry, "is an entry of Pixelwake's own", "Choose another name");
      }
    }

    private void print(TaskScores scores) {
      out().println(scores.task() + ": " + Texts.count(scores.clusters()) + " clusters");
      scores
          .figures()
          .forEach((name, figure) -> {
            String interval =
                Double.isFinite(figure.low())
                    ? String.format(Locale.ROOT, " (%.4f to %.4f)", figure.low(), figure.high())
                    : "";
            out()
                .printf(
                    Locale.ROOT,
                    "  %s: %.4f%s%n",
                    name.replace('_', ' '),
                    figure.value(),
                    interval);
          });
    }
  }

  private static List<String> orNone(@Nullable List<String> names) {
    return names == null ? List.of() : names;
  }
}
