package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.BatchOptions;
import org.pixelwake.app.options.ModelOptions;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.engine.Device;
import org.pixelwake.run.Host;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunInput;
import org.pixelwake.run.Texts;
import org.pixelwake.run.data.Outputs;
import org.pixelwake.run.evaluation.ClassifierEvaluation;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.metrics.Estimate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake evaluate`.
@Command(
    name = "evaluate",
    description = {
      "Holds a finetuned model against labelled clusters.",
      "",
      "Writes a folder with metrics.json, report.html, figures and predictions.parquet: accuracy,"
          + " balanced accuracy, ROC and the area below it, confusion matrix, calibration, accuracy"
          + " against hit count, energy and angle, errors of what is measured; with bootstrap"
          + " intervals over clusters. Classes are found as in training. Where DATA is what the model"
          + " was trained on, --held-out looks at the clusters alone that it was not trained on.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake evaluate run other.parquet -o evaluation",
      "  pixelwake evaluate run labelled.parquet -o evaluation --held-out",
      "  pixelwake evaluate run beams.parquet --labels source --classes \"proton=*p200*,electron=*e5*\""
    })
public final class EvaluateCommand extends PixelwakeCommand {
  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector files.")
  private @Nullable List<Path> data;

  @Mixin
  private OutputOptions output =
      OutputOptions.optional(
          "FOLDER", "evaluation", "Folder to write to.", "Write into a folder that exists.");

  @Option(
      names = "--held-out",
      description = "Only the clusters of its own data set that the model's run held out.")
  private boolean heldOut;

  @Option(
      names = "--labels",
      paramLabel = "TEXT",
      description =
          "What is a cluster's class: particle, source, pile-up, or none; without it as in training.")
  private @Nullable String labels;

  @Option(
      names = "--classes",
      paramLabel = "TEXT",
      description =
          "With --labels source: NAME=PATTERN with commas between them, names as the model has them;"
              + " without it as in training.")
  private @Nullable String classes;

  @Option(
      names = "--resamples",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Resamples of the bootstrap; 0: no intervals.")
  private int resamples;

  @Option(
      names = "--symmetries",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "8: average what the model says over the turns and reflections of each image, in eight"
              + " times the time; 1: do not.")
  private int symmetries;

  @Mixin private BatchOptions batch = new BatchOptions();
  @Mixin private ModelOptions model = new ModelOptions();

  @Override
  public Integer call() {
    ClassifierEvaluation evaluation =
        new ClassifierEvaluation(labels, classes, heldOut, resamples, batch.size(), symmetries);
    Path folder = output.folder();
    return host(host -> {
      try (Device opened = model.device.open(console());
          TrainedClassifier trained = TrainedClassifier.read(opened, model.path())) {
        String name = model.path().toString();
        print(
            Outputs.fillFolder(
                folder,
                () -> evaluation.write(trained, name, dataset(folder, host), folder, host)));
      }
      return ExitCode.OK;
    });
  }

  private Path dataset(Path folder, Host host) {
    try (Host.Shown line = host.progress("evaluating")) {
      return new RunInput(given(data), model.source::read, model.source.properties())
          .make("evaluate", new RunFolder(folder), host, line);
    }
  }

  private void print(Assessment assessment) {
    out().println(Texts.count(assessment.clusters()) + " clusters");
    assessment.classFigures().forEach((name, figure) -> print("", name, figure, ""));
    for (Assessment.Values values : assessment.values()) {
      String column = values.target().column() + ": ";
      String unit = " " + values.unit();
      values
          .figures()
          .forEach((name, figure) -> print(column, name, figure, name.equals("r2") ? "" : unit));
    }
    out().println("report: " + output.path().resolve("report.html"));
  }

  private void print(String column, String name, Estimate figure, String unit) {
    String interval =
        Double.isFinite(figure.low())
            ? String.format(Locale.ROOT, " (%.4f to %.4f)", figure.low(), figure.high())
            : "";
    String words = name.replace('_', ' ');
    out().printf(Locale.ROOT, "  %s%s: %.4f%s%s%n", column, words, figure.value(), interval, unit);
  }
}
