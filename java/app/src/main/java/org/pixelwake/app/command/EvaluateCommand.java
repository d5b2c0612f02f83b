package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import org.pixelwake.app.terminal.TerminalHost;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.RunFolder;
import org.pixelwake.run.RunFolders;
import org.pixelwake.run.RunInput;
import org.pixelwake.run.Texts;
import org.pixelwake.run.evaluation.EvaluationFiles;
import org.pixelwake.training.Assessment;
import org.pixelwake.training.ClassifierOutputs;
import org.pixelwake.training.LabelledClusters;
import org.pixelwake.training.Predictor;
import org.pixelwake.training.TrainedClassifier;
import org.pixelwake.training.metrics.Bootstrap;
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
      index = "0",
      paramLabel = "MODEL",
      description = "model.safetensors of a finetuning run, or the run's folder.")
  private @Nullable Path model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "DATA",
      description = "Data set (.parquet) or detector files.")
  private @Nullable List<Path> data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      defaultValue = "evaluation",
      description = "Folder to write to.")
  private Path output = Path.of("evaluation");

  @Option(
      names = "--held-out",
      description = "Only the clusters of its own data set that the model's run held out.")
  private boolean heldOut;

  @Option(
      names = "--labels",
      paramLabel = "TEXT",
      description =
          "What is a cluster's class: particle, source, or none; without it as in training.")
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
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Clusters looked at in one run; changes nothing but the speed.")
  private int batch;

  @Option(
      names = {"-f", "--force"},
      description = "Write into a folder that exists.")
  private boolean force;

  @Mixin private DeviceOptions device = new DeviceOptions();
  @Mixin private SourceOptions source = new SourceOptions();

  EvaluateCommand() {}

  @Override
  public Integer call() {
    if (resamples < 0) {
      throw new InputException("--resamples", "is out of range", "Give 0 or more");
    }
    if (Files.exists(output) && !force) {
      throw new InputException(output, "exists", "Choose another folder with -o, or give --force");
    }
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("evaluating");
        Device opened = device.open(console());
        TrainedClassifier trained = TrainedClassifier.read(opened, given(model))) {
      boolean made = !Files.exists(output);
      RunFolders.create(output);
      LabelledClusters clusters;
      try {
        clusters = clusters(trained, interrupt, line);
      } catch (RuntimeException e) {
        if (made) {
          RunFolders.deleteEmpty(output);
        }
        throw e;
      }
      ClassifierOutputs outputs = predict(trained, clusters, interrupt, line);
      line.clear();
      Bootstrap bootstrap = new Bootstrap(resamples, 0.95, 1);
      Assessment assessment = clusters.assess(outputs, bootstrap);
      EvaluationFiles files =
          new EvaluationFiles(output, trained, clusters, outputs, assessment, bootstrap);
      files.writePredictions();
      writeMetrics(files.metrics());
      files.writeReport(String.valueOf(model));
      print(assessment);
    }
    return ExitCode.OK;
  }

  private LabelledClusters clusters(
      TrainedClassifier trained, Interrupt interrupt, ProgressLine line) {
    Path dataset =
        new RunInput(given(data), source::read, source.properties())
            .make("evaluate", new RunFolder(output), new TerminalHost(console(), interrupt), line);
    LabelledClusters clusters =
        LabelledClusters.load(
            dataset, trained, labels, classes, heldOut, interrupt.cancelling(line));
    if (!heldOut && clusters.trainedOn()) {
      console()
          .notice(
              "the model was trained on clusters of this data set: --held-out leaves those out");
    }
    return clusters;
  }

  private ClassifierOutputs predict(
      TrainedClassifier trained,
      LabelledClusters clusters,
      Interrupt interrupt,
      ProgressLine line) {
    int[] rows = clusters.rows();
    int step = 16 * batch;
    ClassifierOutputs[] parts = new ClassifierOutputs[Math.ceilDiv(rows.length, step)];
    try (Predictor predictor = trained.predictor(batch)) {
      for (int p = 0; p < parts.length; p++) {
        interrupt.check();
        int end = Math.min(rows.length, (p + 1) * step);
        parts[p] = predictor.predict(clusters.table(), Arrays.copyOfRange(rows, p * step, end));
        line.update(end, rows.length, "clusters", "");
      }
    }
    return ClassifierOutputs.joined(List.of(parts));
  }

  private void writeMetrics(ObjectNode metrics) {
    Path file = output.resolve("metrics.json");
    try {
      AtomicFile.write(file, JsonOutput.text(metrics) + System.lineSeparator());
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  private void print(Assessment assessment) {
    out().println(Texts.count(assessment.clusters()) + " clusters");
    assessment.classFigures().forEach((name, figure) -> print(words(name), figure, ""));
    for (Assessment.Values values : assessment.values()) {
      values
          .figures()
          .forEach((name, figure) ->
              print(
                  values.target().column() + ": " + words(name),
                  figure,
                  name.equals("r2") ? "" : " " + values.unit()));
    }
    out().println("report: " + output.resolve("report.html"));
  }

  private static String words(String name) {
    return name.replace('_', ' ');
  }

  private void print(String name, Estimate figure, String unit) {
    String interval =
        Double.isFinite(figure.low())
            ? String.format(Locale.ROOT, " (%.4f to %.4f)", figure.low(), figure.high())
            : "";
    out()
        .println(
            String.format(Locale.ROOT, "  %s: %.4f%s%s", name, figure.value(), interval, unit));
  }
}
