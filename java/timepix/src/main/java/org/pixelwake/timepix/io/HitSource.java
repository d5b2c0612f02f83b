package org.pixelwake.timepix.io;

import org.pixelwake.timepix.SourceInfo;

/// An open file, folder or archive of hits, read once from front to end in bounded memory.
///
/// Malformed records are located, counted and skipped up to the tolerance of [OpenOptions]; beyond
/// it the methods that read throw [org.pixelwake.base.InputException], as they do where nothing
/// valid is found.
public sealed interface HitSource extends AutoCloseable
    permits FrameSource, EventSource, ClusterSource {

  /// What is known of the source.
  SourceInfo info();

  /// What was read so far.
  ReadReport report();

  /// Bytes of the content read so far, for progress.
  long bytesRead();

  /// Bytes of the content in all, or -1 where it is not known.
  long bytesTotal();

  @Override
  void close();
}
