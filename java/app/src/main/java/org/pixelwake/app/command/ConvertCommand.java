package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.OutputOptions;
import org.pixelwake.options.Choices;
import org.pixelwake.options.SourceOptions;
import org.pixelwake.run.data.Conversion;
import org.pixelwake.run.data.OutputFormat;
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

  @Mixin
  private OutputOptions output =
      OutputOptions.required("OUT", "File or folder to write.", "Replace files that exist.");

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      converter = Formats.class,
      completionCandidates = Formats.class,
      description =
          "Format to write: ${COMPLETION-CANDIDATES}. Where it is not given, the name of OUT"
              + " tells it.")
  private @Nullable OutputFormat target;

  @Mixin private SourceOptions source = new SourceOptions();

  @Override
  public Integer call() {
    Path to = output.path();
    OutputFormat chosen = target == null ? OutputFormat.of(to, null) : target;
    Conversion conversion =
        new Conversion(
            given(inputs), to, chosen, source.read(), source.properties(), output.force());
    return convert("converting", conversion);
  }

  /// Formats by their short names.
  static final class Formats extends Choices<OutputFormat> {
    Formats() {
      super(List.of(OutputFormat.values()), OutputFormat::id);
    }
  }
}
