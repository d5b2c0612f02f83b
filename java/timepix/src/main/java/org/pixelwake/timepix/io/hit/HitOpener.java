package org.pixelwake.timepix.io.hit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ChipLayout;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Opens hits with times of arrival.
public final class HitOpener extends SourceOpener {
  /// Reads the hits of one file.
  interface HitReader extends AbstractFiles.Reader {
    /// Fills the batch with hits of one segment; false at the end of the file, and then the batch
    /// is empty.
    boolean read(HitBlock batch);

    /// Number of the segment in the file that the last batch was of, from 0.
    long segment();
  }

  private static final int PROBED_FILES = 4;

  public HitOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    boolean second = false;
    Map<FileTree.Entry, T3paReader.Shape> shapes = new LinkedHashMap<>();
    for (FileTree.Entry file : files.subList(0, Math.min(PROBED_FILES, files.size()))) {
      if (format == Format.TPX3) {
        second |= Tpx3Reader.probeQuad(file);
      } else {
        shapes.put(file, T3paReader.shape(file, format));
      }
    }
    if (shapes.values().stream().anyMatch(T3paReader.Shape::quad)) {
      tally.notice("pixels are numbered beyond 256 x 256: read as a quad of 512 x 512");
      second = true;
    }
    boolean quad =
        options.layout() == ChipLayout.AUTO ? second : options.layout() == ChipLayout.QUAD;
    int side = side(quad);
    SourceInfo info = info(format, "Timepix3", "", side, side, true, EnergyUnit.TOT, Map.of());
    return new Hits(
        this,
        files,
        info,
        file ->
            format == Format.TPX3
                ? new Tpx3Reader(file, quad, this)
                : new T3paReader(
                    file,
                    shapes.computeIfAbsent(file, f -> T3paReader.shape(f, format)),
                    side,
                    this));
  }

  /// Hits of one or several files of one format; each file is a segment of its own.
  private static final class Hits extends AbstractFiles<HitReader> implements EventSource {
    private long firstSegment;

    Hits(
        SourceOpener from,
        List<FileTree.Entry> files,
        SourceInfo info,
        Function<FileTree.Entry, HitReader> opener) {
      super(from, files, info, opener);
    }

    @Override
    public boolean next(HitBlock batch) {
      batch.size = 0;
      for (HitReader reader = reader(); reader != null; reader = reader()) {
        boolean more = reader.read(batch);
        batch.segment = firstSegment + reader.segment();
        tally.hits += batch.size;
        if (more) {
          return true;
        }
        firstSegment += reader.segment() + 1;
        done();
      }
      return false;
    }
  }
}
