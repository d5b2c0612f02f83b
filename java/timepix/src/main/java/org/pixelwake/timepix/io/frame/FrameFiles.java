package org.pixelwake.timepix.io.frame;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;

/// Frames of one or several files of one format, in the order of the files.
final class FrameFiles extends AbstractFiles<FrameReader> implements FrameSource {
  FrameFiles(
      SourceOpener from,
      List<FileTree.Entry> files,
      SourceInfo info,
      Function<FileTree.Entry, FrameReader> opener) {
    super(from, files, info, opener);
  }

  @Override
  public @Nullable Frame next() {
    for (FrameReader reader = reader(); reader != null; reader = reader()) {
      Frame frame = reader.read();
      if (frame != null) {
        tally.frames++;
        tally.exposure += frame.exposure();
        tally.hits += frame.size();
        if (frame.size() == 0) {
          tally.emptyFrames++;
        }
        return frame;
      }
      done();
    }
    return null;
  }
}
