package org.pixelwake.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures the tasks of [OperationTable] with JMH and prints JSON; JMH's own report goes to the
/// standard error.
@Command(
    name = "OperationBenchmarks",
    mixinStandardHelpOptions = true,
    description = "Times single operations of Pixelwake and its peers; prints JSON.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class OperationBenchmarks implements Callable<Integer> {
  private static final int ITERATIONS = 5;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(names = "--threads", defaultValue = "2", description = "Threads of an operation.")
  private int threads;

  @Option(names = "--forks", defaultValue = "2", description = "Processes of every task.")
  private int forks;

  @Option(
      names = "--seconds",
      defaultValue = "2.5",
      description = "Timed seconds of a fork, after half as many to warm up.")
  private double seconds;

  @Option(names = "--quick", description = "Only the odd shapes.")
  private boolean quick;

  @Option(names = "--peers-only", description = "Without Pixelwake.")
  private boolean peersOnly;

  @Option(
      names = "--tasks",
      defaultValue = "",
      paramLabel = "REGEX",
      description = "Only tasks in whose names this is found, as --list prints them.")
  private Pattern tasks;

  @Option(names = "--list", description = "Print the names of the tasks and measure nothing.")
  private boolean list;

  private OperationBenchmarks() {}

  /// @param arguments as `--help` lists them
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new OperationBenchmarks()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    if (threads < 1 || forks < 1 || !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--threads and --forks are at least 1, --seconds is above 0");
    }
    List<String> keys =
        OperationTable.tasks(quick).stream()
            .filter(task -> !peersOnly || task.contestant() != Contestant.PIXELWAKE)
            .map(OperationTable.Task::key)
            .filter(key -> tasks.matcher(key).find())
            .toList();
    if (keys.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--tasks: no task has " + tasks);
    }
    if (list) {
      keys.forEach(System.out::println);
      return 0;
    }
    Runner runner =
        new Runner(
            options(keys),
            OutputFormatFactory.createFormatInstance(System.err, VerboseMode.NORMAL));
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    System.out.println(mapper.writeValueAsString(Map.of("results", report(runner.run()))));
    return 0;
  }

  private Options options(List<String> keys) {
    TimeValue iteration = TimeValue.milliseconds(Math.max(1, Math.round(200 * seconds)));
    return new OptionsBuilder()
        .include("^" + Pattern.quote(OperationState.class.getName()) + "\\.run$")
        .param("task", keys.toArray(String[]::new))
        .param("threads", Integer.toString(threads))
        .forks(forks)
        .warmupIterations(ITERATIONS)
        .warmupTime(TimeValue.milliseconds(Math.max(1, Math.round(100 * seconds))))
        .measurementIterations(ITERATIONS)
        .measurementTime(iteration)
        .shouldFailOnError(true)
        .build();
  }

  private static List<Map<String, Object>> report(Collection<RunResult> runs) {
    List<Map<String, Object>> report = new ArrayList<>();
    for (RunResult run : runs) {
      OperationTable.Task task = OperationTable.task(run.getParams().getParam("task"));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("operation", task.operation());
      entry.put("shape", task.shape().label());
      entry.put("pass", task.pass().label());
      entry.put("contestant", task.contestant().label());
      entry.put("us", run.getPrimaryResult().getScore());
      report.add(entry);
    }
    return report;
  }
}
