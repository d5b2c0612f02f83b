package org.pixelwake.timepix.io;

import org.jspecify.annotations.Nullable;

/// A source of frames.
public non-sealed interface FrameSource extends HitSource {
  /// The next frame, empty ones included; null at the end.
  ///
  /// @throws org.pixelwake.base.InputException where too much of the source is malformed
  @Nullable Frame next();
}
