package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.report.section.Finding;
import org.pixelwake.report.section.Finding.Verdict;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.validation.Validation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  @Mixin
  private OutputOptions output =
      OutputOptions.optional(
          "REPORT.html", null, "Report to write.", "Replace a file that exists.");

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

  @Override
  public Integer call() {
    if (threads < 0) {
      throw new InputException("--threads", threads + " is no number of threads", "Use 0 or more");
    }
    int n = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    Path to = output.given() ? output.file(List.of()) : null;
    Validation validation =
        new Validation(n, quick ? Validation.QUICK : Validation.FULL)
            .withStrontium(sr90 == null ? List.of() : sr90);
    List<String> parts = parts(validation);
    List<Finding> findings = work("validate", progress -> validation.run(parts, progress));
    boolean holds = findings.stream().allMatch(Finding::holds);
    if (to != null) {
      validation.report(findings).write(to);
    }
    if (json) {
      out().println(JsonOutput.text(tree(findings, holds)));
    } else {
      if (to != null) {
        out().printf("report: %s%n%n", to);
      }
      print(findings);
    }
    return holds ? ExitCode.OK : ExitCode.CHECK_FAILED;
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

  private void print(List<Finding> findings) {
    for (Finding finding : findings) {
      out().println(finding.title());
      for (Verdict verdict : finding.verdicts()) {
        out()
            .printf(
                Locale.ROOT,
                "  %-5s %s: %.5g%s (allowed %.5g to %.5g)%n",
                verdict.holds() ? "holds" : "FAILS",
                verdict.name(),
                verdict.value(),
                verdict.unit().isEmpty() ? "" : " " + verdict.unit(),
                verdict.least(),
                verdict.greatest());
      }
    }
    out().println();
    out().println(Validation.verdict(findings));
  }

  private ObjectNode tree(List<Finding> findings, boolean holds) {
    ObjectNode root = JsonOutput.object().put("holds", holds).put("quick", quick);
    ArrayNode parts = root.putArray("comparisons");
    for (Finding finding : findings) {
      ObjectNode part = parts.addObject().put("id", finding.id()).put("title", finding.title());
      part.put("holds", finding.holds()).putPOJO("checks", finding.verdicts());
    }
    return root;
  }
}
