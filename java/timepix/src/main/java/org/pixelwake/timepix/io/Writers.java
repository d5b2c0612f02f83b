package org.pixelwake.timepix.io;

import java.nio.file.Path;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.cluster.ClogWriter;
import org.pixelwake.timepix.io.cluster.ClusterWriter;
import org.pixelwake.timepix.io.cluster.MmWriter;
import org.pixelwake.timepix.io.cluster.SimWriter;
import org.pixelwake.timepix.io.frame.XycWriter;
import org.pixelwake.timepix.io.hit.T3paWriter;

/// Writes sources in other formats. Each output is written beside its place under a temporary name
/// and moved there when it is whole; an output that exists is replaced, a folder only where it is
/// empty.
public final class Writers {
  /// What was written.
  ///
  /// @param hits hits written
  /// @param clusters clusters written; 0 in a format of hits or frames
  /// @param frames frames written; 0 in a format without frames
  /// @param report what was read and left out
  public record Written(long hits, long clusters, long frames, ClusterReport report) {}

  private Writers() {}

  /// Converts a source.
  ///
  /// | target | from | output |
  /// |---|---|---|
  /// | `mm` | anything: hits and frames are clustered | `X.ini`, `X_cl.txt`, `X_px.txt`, where the output is `X` or `X.ini` |
  /// | `clog` | anything: hits and frames are clustered | one file |
  /// | `sim` | anything in keV: hits and frames are clustered | one file, with what is known of the particles |
  /// | `t3pa` | hits with times in ToT, one segment; or ready clusters with times in ToT | one file, in order of time |
  /// | `burda` | the same | one file, in order of time, without a header |
  /// | `xyc` | frames | a folder of `frameNNNNNN.txt` with `.dsc` |
  ///
  /// @throws InputException where the source cannot be read, has not what the target needs, or the
  ///   output cannot be written
  public static Written convert(
      Path input, ClusterOptions options, Format target, Path output, Progress progress) {
    HitSource source = HitSources.open(input, options.open());
    SourceInfo info = source.info();
    try (ClusterStream clusters = ClusterStream.of(source, options)) {
      if (target == Format.XYC) {
        return XycWriter.write(requireFrames(source), output, progress);
      }
      try (ClusterWriter writer = writer(target, info, output)) {
        return writer instanceof T3paWriter rows && source instanceof EventSource events
            ? rows.write(events, options.sortWindowNs(), progress)
            : writer.write(clusters, progress);
      }
    }
  }

  private static ClusterWriter writer(Format target, SourceInfo info, Path output) {
    return switch (target) {
      case MM -> new MmWriter(output, info.unit() == EnergyUnit.TOT);
      case CLOG -> new ClogWriter(output, info.hasToa());
      case SIM -> {
        requireKev(info);
        yield new SimWriter(output);
      }
      case T3PA, BURDA -> {
        requireTimesInTot(info, target);
        yield new T3paWriter(output, info, target);
      }
      default ->
          throw new InputException(
              "--to",
              target.id() + " cannot be written",
              "Choose one of mm, clog, sim, t3pa, burda, xyc");
    };
  }

  /// A sink of the hits of clusters with times in ToT, as `t3pa` in the order of the clusters.
  ///
  /// @throws InputException where the source has other hits, or the output cannot be written
  public static ClusterSink t3pa(SourceInfo info, Path output) {
    return writer(Format.T3PA, info, output);
  }

  /// A sink of the hits of clusters as a folder of frames. Hits of one pixel in a frame are added
  /// up, as the detector does.
  ///
  /// @param together number of consecutive frame numbers that are written as one frame
  /// @throws InputException where the output cannot be written
  public static ClusterSink xyc(SourceInfo info, Path output, int together) {
    return new XycWriter(output, info, together);
  }

  private static void requireTimesInTot(SourceInfo info, Format target) {
    if (!info.hasToa()) {
      throw new InputException(
          info.file(),
          "it has no times of arrival and " + target.id() + " holds them",
          "Convert to mm, clog or xyc");
    }
    if (info.unit() != EnergyUnit.TOT) {
      throw new InputException(
          info.file(),
          "its energies are in keV and " + target.id() + " holds ToT",
          "Leave out the calibration, or convert to mm or clog");
    }
  }

  private static void requireKev(SourceInfo info) {
    if (info.unit() != EnergyUnit.KEV) {
      throw new InputException(
          info.file(),
          "its energies are ToT and sim holds keV",
          "Give the calibration of the chip, or convert to mm or clog");
    }
  }

  private static FrameSource requireFrames(HitSource source) {
    if (source instanceof FrameSource frames) {
      return frames;
    }
    throw new InputException(
        source.info().file(),
        "it holds no frames but " + source.info().format(),
        "Convert it to mm or clog");
  }
}
