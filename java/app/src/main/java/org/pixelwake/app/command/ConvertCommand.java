package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.Conversion;
import org.pixelwake.app.options.OutputFormat;
import org.pixelwake.app.options.SourceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.app.terminal.Interrupt;
import org.pixelwake.app.terminal.ProgressLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake convert`.
@Command(
    name = "convert",
    description = {
      "Writes detector data in another format.",
      "",
      "  mm       triplet X.ini, X_cl.txt, X_px.txt of clusters",
      "  clog     cluster log of Pixelman",
      "  sim      clusters in keV with the particles of labelled ones, as _sim.txt",
      "  t3pa     hits with times, as Pixet writes them (not from calibrated data)",
      "  burda    the same hits as Burda and Katherine write them: matrix index, ToA, FToA, ToT",
      "  xyc      folder of frames, from frames only",
      "  parquet  data set of clusters, of all inputs together",
      "",
      "Where the target holds clusters and the input hits, the clusters are found as `cluster`"
          + " does. Several inputs are written into the folder named with -o, each to a file of its"
          + " own; with parquet to one file. Files appear under their names when they are whole.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake convert raw.tpx3 -o hits.t3pa",
      "  pixelwake convert frames.zip -o sr90 --to mm",
      "  pixelwake convert a.t3pa b.t3pa -o clusters/ --to clog"
    })
public final class ConvertCommand extends PixelwakeCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IN",
      description = "Files, folders or zips of detector data.")
  private @Nullable List<Path> inputs;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description = "File or folder to write.")
  private @Nullable Path output;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      converter = OutputFormat.Names.class,
      completionCandidates = OutputFormat.Names.class,
      description =
          "Format to write: ${COMPLETION-CANDIDATES}. Where it is not given, the name of OUT"
              + " tells it.")
  private @Nullable OutputFormat target;

  @Option(
      names = {"-f", "--force"},
      description = "Replace files that exist.")
  private boolean force;

  @Mixin private SourceOptions source = new SourceOptions();

  ConvertCommand() {}

  @Override
  public Integer call() {
    Path to = given(output);
    OutputFormat chosen = target == null ? OutputFormat.of(to, null) : target;
    try (Interrupt interrupt = interrupt();
        ProgressLine line = progress("converting")) {
      new Conversion(given(inputs), to, chosen, source, force)
          .run(console(), interrupt.cancelling(line));
    }
    return ExitCode.OK;
  }
}
