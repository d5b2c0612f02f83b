package org.pixelwake.timepix.io;

/// A source of hits with a time of arrival each (data-driven readout). Hits come in the order of
/// the file, roughly by time.
public non-sealed interface EventSource extends HitSource {
  /// Fills the batch with the next hits of one segment.
  ///
  /// @return false at the end, and then the batch is empty; an empty batch may come before it
  /// @throws org.pixelwake.base.InputException where too much of the source is malformed
  boolean next(HitBlock batch);
}
