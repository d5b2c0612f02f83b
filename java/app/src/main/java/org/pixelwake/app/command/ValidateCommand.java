package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Version;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.report.section.FindingSection;
import org.pixelwake.report.section.SettingsSection;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.data.Outputs;
import org.pixelwake.validation.Validation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `pixelwake validate`.
@Command(
    name = "validate",
    description = {
      "Compares the simulation of tracks with published measurements and tables.",
      "",
      "Stopping powers and ranges (PSTAR, ESTAR, ASTAR), straggling, multiple scattering, tracked"
          + " electrons, lines of photons, drift and cluster sizes, and measured frames of Sr-90"
          + " where they are given: each number with what is allowed and its source, and as plots"
          + " in the report, one HTML file that needs no network.",
      "",
      "Exit code 1 where a number is beyond what is allowed.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake validate -o validation.html",
      "  pixelwake validate -o validation.html --sr90 frames/",
      "  pixelwake validate --quick --json",
    })
public final class ValidateCommand extends PixelwakeCommand {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "REPORT.html",
      description = "Report to write.")
  private @Nullable Path output;

  @Option(
      names = {"-f", "--force"},
      description = "Replace a file that exists.")
  private boolean force;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description =
          "Only these parts, separated by commas: stopping-power, electrons, straggling,"
              + " scattering, photons, sensor, strontium.")
  private @Nullable List<String> only;

  @Option(
      names = "--sr90",
      arity = "1..*",
      paramLabel = "FRAMES",
      description =
          "Measured frames of Sr-90 behind aluminium to compare with: files, folders or zips with"
              + " the thickness in their names, such as 0-23-mm.zip, or a folder of them. Those of"
              + " CERN@school (github.com/CERNatschool/beta-attenuation, data/sr) are what it is"
              + " made for.")
  private @Nullable List<Path> sr90;

  @Option(
      names = "--quick",
      description =
          "A quarter of the particles: a quick look, in which a number near its bound can fail by"
              + " chance.")
  private boolean quick;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Processor threads; 0 for one a processor. Results do not depend on it.")
  private int threads;

  ValidateCommand() {}

  @Override
  public Integer call() {
    if (threads < 0) {
      throw new InputException("--threads", threads + " is no number of threads", "Use 0 or more");
    }
    int n = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    Path to = output;
    if (to != null) {
      Outputs.check(List.of(to), List.of(), force);
    }
    Validation validation =
        new Validation(n, quick ? Validation.QUICK : Validation.FULL)
            .withStrontium(sr90 == null ? List.of() : sr90);
    List<String> parts = parts(validation);
    List<Finding> comparisons;
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("validate")) {
      comparisons = validation.run(parts, interrupt.cancelling(line));
    }
    if (to != null) {
      write(to, comparisons);
    }
    if (json) {
      out().println(JsonOutput.text(tree(comparisons)));
    } else {
      print(comparisons);
    }
    return holds(comparisons) ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private List<String> parts(Validation validation) {
    List<String> chosen = only;
    if (chosen == null) {
      return validation.parts();
    }
    for (String part : chosen) {
      if (!validation.parts().contains(part)) {
        throw new InputException(
            "--only",
            "there is no part " + part,
            "Choose of " + validation.parts() + "; strontium is there with --sr90 only");
      }
    }
    return chosen;
  }

  private static boolean holds(List<Finding> comparisons) {
    return comparisons.stream().allMatch(Finding::holds);
  }

  private void print(List<Finding> comparisons) {
    for (Finding comparison : comparisons) {
      out().println(comparison.title());
      for (Verdict check : comparison.verdicts()) {
        out()
            .println(
                String.format(
                    Locale.ROOT,
                    "  %-5s %s: %.5g%s (allowed %.5g to %.5g)",
                    check.holds() ? "holds" : "FAILS",
                    check.name(),
                    check.value(),
                    check.unit().isEmpty() ? "" : " " + check.unit(),
                    check.least(),
                    check.greatest()));
      }
    }
    out().println();
    out().println(verdict(comparisons));
  }

  private static String verdict(List<Finding> comparisons) {
    long all = comparisons.stream().mapToLong(c -> c.verdicts().size()).sum();
    long failed =
        comparisons.stream().flatMap(c -> c.verdicts().stream()).filter(c -> !c.holds()).count();
    return failed == 0
        ? "PASSED: all " + all + " numbers hold"
        : "FAILED: " + failed + " of " + all + " numbers do not hold";
  }

  private ObjectNode tree(List<Finding> comparisons) {
    ObjectNode root = JsonOutput.object();
    root.put("holds", holds(comparisons));
    root.put("quick", quick);
    ArrayNode parts = root.putArray("comparisons");
    for (Finding comparison : comparisons) {
      ObjectNode part = parts.addObject();
      part.put("id", comparison.id());
      part.put("title", comparison.title());
      part.put("holds", comparison.holds());
      ArrayNode checks = part.putArray("checks");
      for (Verdict check : comparison.verdicts()) {
        ObjectNode node = checks.addObject();
        node.put("name", check.name());
        node.put("value", check.value());
        node.put("unit", check.unit());
        node.put("least", check.least());
        node.put("greatest", check.greatest());
        node.put("holds", check.holds());
        node.put("source", check.source());
      }
    }
    return root;
  }

  private void write(Path to, List<Finding> comparisons) {
    Map<String, String> run = new LinkedHashMap<>();
    run.put("Pixelwake", Version.CURRENT);
    run.put("Particles", quick ? "a quarter (--quick)" : "all");
    Report.Builder report =
        Report.builder("Validation of the simulation")
            .summary(
                verdict(comparisons)
                    + ". Each quantity beside what was published of it, with the tolerance and the"
                    + " source.");
    FindingSection.addTo(report, comparisons);
    report.section(SettingsSection.ofRun().add("Run", run)).build().write(to);
    if (!json) {
      out().println("report: " + to);
      out().println();
    }
  }
}
