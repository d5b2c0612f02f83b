package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.FeatureProbe;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.analysis.FewLabels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake probe`.
@Command(
    name = "probe",
    description = {
      "Tells how well the features of an encoder tell classes apart, without training it.",
      "",
      "EMBEDDINGS is what `pixelwake embed` wrote. From few labels, drawn equally of each class, a"
          + " logistic regression on the standardised features learns the classes of the others,"
          + " and so do the nearest neighbours; how strong the regularisation is and how many"
          + " neighbours are asked follows from the labels by cross-validation. Printed are the"
          + " balanced accuracy (mean over the draws of the mean recall of the classes), its"
          + " interval by resampling test clusters, and its standard deviation over the draws."
          + " With all labels, which are drawn once, classes of unequal size count the same.",
      "",
      "With --trees boosted trees of XGBoost learn from the same labels the cluster features of"
          + " `pixelwake features`.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake embed run tracks.parquet -o embeddings.parquet",
      "  pixelwake probe embeddings.parquet --classes electron,proton",
      "  pixelwake probe train.parquet --test test.parquet --train-labels 50,1000,all -o probe.json",
      "  pixelwake probe embeddings.parquet --labels source --classes \"sr90=*sr90*,am241=*am241*\"",
      "  pixelwake probe embeddings.parquet --trees tracks.parquet"
    })
public final class ProbeCommand extends PixelwakeCommand {
  @Parameters(
      paramLabel = "EMBEDDINGS",
      description = "Table of features (.parquet) to learn from.")
  private @Nullable Path embeddings;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description =
          "Table of features, of the same model, to test on; without it a part of EMBEDDINGS.")
  private @Nullable Path test;

  @Mixin
  private OutputOptions output =
      OutputOptions.optional("FILE", null, "JSON to write.", "Replace a file that exists.");

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--labels",
      paramLabel = "TEXT",
      defaultValue = "particle",
      description = "What is a cluster's class: its particle or its source.")
  private String labels = "";

  @Option(
      names = "--classes",
      split = ",",
      paramLabel = "TEXT",
      description =
          "Classes in their order, with commas between them: particles such as"
              + " electron,proton,C12, or sources as NAME=PATTERN; without it all particles that"
              + " are there.")
  private @Nullable List<String> classes;

  @Option(
      names = "--train-labels",
      split = ",",
      paramLabel = "N",
      description =
          "Numbers of labels to learn from, and all; without it 50, 200, 1000 and 5000 as far as"
              + " there are so many, and all.")
  private @Nullable List<String> counts;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "3",
      description = "Draws of each number of labels.")
  private int draws;

  @Option(
      names = "--held-out",
      paramLabel = "SHARE",
      defaultValue = "0.3",
      description = "Part of the clusters to test on, without --test.")
  private double heldOut;

  @Option(
      names = "--split-unit",
      paramLabel = "TEXT",
      defaultValue = "particle",
      description =
          "What is tested on as a whole, without --test: cluster, particle, frame, block or source,"
              + " as in finetune.")
  private String unit = "";

  @Option(
      names = "--trees",
      split = ",",
      paramLabel = "DATA",
      description =
          "Data set that was embedded, with --test two with a comma between them: compare with"
              + " boosted trees.")
  private @Nullable List<Path> trees;

  @Option(
      names = "--resamples",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Resamples of the bootstrap; 0: no intervals.")
  private int resamples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all draws; the same seed gives the same bits.")
  private long seed;

  @Override
  public Integer call() {
    FeatureProbe.Settings settings = settings();
    Path from = given(embeddings);
    List<Path> data = trees == null ? List.of() : trees;
    List<Path> read = new ArrayList<>(data);
    read.add(from);
    if (test != null) {
      read.add(test);
    }
    Path to = output.given() ? output.file(read) : null;
    return host(host -> {
      FeatureProbe probe =
          FeatureProbe.of(new FeatureProbe.Input(from, test, data), settings, host);
      if (to != null) {
        JsonOutput.write(probe.json(), to);
      }
      if (json) {
        out().println(JsonOutput.text(probe.json()));
      } else {
        out()
            .println(
                "%d features; labels of %s clusters, tested on %s: %s"
                    .formatted(
                        probe.features(),
                        Texts.count(Arrays.stream(probe.train()).sum()),
                        Texts.count(Arrays.stream(probe.test()).sum()),
                        String.join(", ", probe.classes())));
        probe.table().print(out());
      }
      return ExitCode.OK;
    });
  }

  private FeatureProbe.Settings settings() {
    boolean bySource =
        switch (labels) {
          case "particle" -> false;
          case "source" -> true;
          default -> throw wrong("--labels", labels, "is no kind of class", "particle or source");
        };
    List<String> names = classes == null ? List.of() : classes.stream().map(String::strip).toList();
    if (bySource && names.isEmpty()) {
      throw new InputException(
          "--labels source", "needs --classes", "Name them as NAME=PATTERN, such as sr90=*sr90*");
    }
    if (!(heldOut > 0 && heldOut < 1)) {
      throw wrong("--held-out", heldOut, "is no part of the clusters", "a number between 0 and 1");
    }
    if (draws < 1) {
      throw wrong("--draws", draws, "is too few", "1 or more");
    }
    if (resamples < 0) {
      throw wrong("--resamples", resamples, "is too few", "0 or more");
    }
    List<Integer> numbers =
        counts == null ? List.of() : counts.stream().map(ProbeCommand::number).distinct().toList();
    Split split = new Split(heldOut, splitUnit(), seed);
    return new FeatureProbe.Settings(bySource, names, numbers, draws, split, seed, resamples);
  }

  private Split.Unit splitUnit() {
    return Arrays.stream(Split.Unit.values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(unit))
        .findFirst()
        .orElseThrow(() ->
            wrong(
                "--split-unit",
                unit,
                "is nothing to divide by",
                "cluster, particle, frame, block or source"));
  }

  private static int number(String text) {
    String count = text.strip();
    if (count.equals("all")) {
      return FewLabels.ALL;
    }
    try {
      int number = Integer.parseInt(count);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new InputException(
          "--train-labels", count, "is no number of labels", "Give numbers above 0, or all", e);
    }
    throw wrong("--train-labels", count, "is no number of labels", "numbers above 0, or all");
  }

  private static InputException wrong(String option, Object value, String problem, String remedy) {
    return new InputException(option, value.toString(), problem, "Give " + remedy);
  }
}
