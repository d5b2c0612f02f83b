package org.pixelwake.validation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pixelwake.base.Progress;
import org.pixelwake.base.Version;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.FindingSection;
import org.pixelwake.report.section.SettingsSection;

/// Compares the simulation with what is published.
///
/// ```java
/// var validation = new Validation(2, Validation.FULL);
/// List<Finding> all = validation.run(validation.parts(), Progress.NONE);
/// ```
///
/// Its numbers depend on the effort, not on the number of threads.
public final class Validation {
  /// Effort of a validation whose numbers are good to their tolerances.
  public static final double FULL = 1;

  /// Effort of a quick look, in which a number near its bound can fail by chance.
  public static final double QUICK = 0.25;

  private final int threads;
  private final double effort;
  private final List<Path> frames;

  /// @param threads threads to use
  /// @param effort particles over those of a full validation
  public Validation(int threads, double effort) {
    this(threads, effort, List.of());
  }

  private Validation(int threads, double effort, List<Path> frames) {
    if (threads < 1 || !(effort > 0)) {
      throw new IllegalArgumentException("threads and effort are above 0");
    }
    this.threads = threads;
    this.effort = effort;
    this.frames = frames;
  }

  /// The same with measured frames of Sr-90 behind aluminium as one more part, `strontium`.
  ///
  /// @param paths files of frames, each with its thickness in its name, such as `0-23-mm`, or
  ///   folders of them
  public Validation withStrontium(List<Path> paths) {
    return new Validation(threads, effort, List.copyOf(paths));
  }

  /// The parts by their ids, in the order of the report.
  private Map<String, Function<Runner, Finding>> topics() {
    Map<String, Function<Runner, Finding>> topics = new LinkedHashMap<>();
    topics.put("stopping-power", StoppingPowers::compare);
    topics.put("electrons", ElectronRanges::compare);
    topics.put("straggling", Stragglings::compare);
    topics.put("scattering", Scatterings::compare);
    topics.put("photons", Americium::compare);
    topics.put("sensor", SensorFigures::compare);
    if (!frames.isEmpty()) {
      topics.put("strontium", runner -> StrontiumFrames.of(frames).compare(runner));
    }
    return topics;
  }

  /// Ids of all parts, in the order of the report.
  public List<String> parts() {
    return List.copyOf(topics().keySet());
  }

  /// Simulates and compares, one quantity after the other.
  ///
  /// @param parts ids of the parts to do
  /// @throws IllegalArgumentException where there is no such part
  /// @throws org.pixelwake.base.InputException where given frames cannot be used
  public List<Finding> run(Collection<String> parts, Progress progress) {
    Map<String, Function<Runner, Finding>> topics = topics();
    if (!topics.keySet().containsAll(parts)) {
      throw new IllegalArgumentException("the parts are " + topics.keySet() + ", not " + parts);
    }
    topics.keySet().retainAll(parts);
    List<Finding> comparisons = new ArrayList<>();
    try (Runner runner = new Runner(threads, effort, progress)) {
      topics.values().forEach(topic -> comparisons.add(topic.apply(runner)));
    }
    return List.copyOf(comparisons);
  }

  /// Returns a sentence on how many numbers hold.
  public static String verdict(List<Finding> findings) {
    long all = findings.stream().mapToLong(f -> f.verdicts().size()).sum();
    long failed =
        findings.stream().flatMap(f -> f.verdicts().stream()).filter(v -> !v.holds()).count();
    return failed == 0
        ? "PASSED: all " + all + " numbers hold"
        : "FAILED: " + failed + " of " + all + " numbers do not hold";
  }

  /// Returns the report of what [#run] found.
  public Report report(List<Finding> findings) {
    Map<String, String> run = new LinkedHashMap<>();
    run.put("Pixelwake", Version.CURRENT);
    run.put("Particles", effort == FULL ? "all" : "a quarter (--quick)");
    Report.Builder report =
        Report.builder("Validation of the simulation")
            .summary(
                verdict(findings)
                    + ". Each quantity beside what was published of it, with the tolerance and the"
                    + " source.");
    FindingSection.addTo(report, findings);
    return report.section(SettingsSection.ofRun().add("Run", run)).build();
  }
}
