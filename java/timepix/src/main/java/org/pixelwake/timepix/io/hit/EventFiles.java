package org.pixelwake.timepix.io.hit;

import java.util.List;
import java.util.function.Function;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.HitBuffer;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Data-driven hits of one or several files of one format; each file is a segment of its own.
final class EventFiles extends AbstractFiles<EventFiles.Reader> implements EventSource {
  /// Reads the hits of one file.
  interface Reader extends AbstractFiles.Reader {
    /// Fills the batch with hits of one segment; false at the end of the file, and then the batch
    /// is empty.
    boolean read(HitBuffer batch);

    /// Number of the segment in the file that the last batch was of, from 0.
    long segment();
  }

  private long firstSegment;

  EventFiles(
      SourceOpener from,
      List<FileTree.Entry> files,
      SourceInfo info,
      Function<FileTree.Entry, Reader> opener) {
    super(from, files, info, opener);
  }

  @Override
  public boolean next(HitBuffer batch) {
    batch.size = 0;
    for (Reader reader = reader(); reader != null; reader = reader()) {
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
