package org.pixelwake.timepix.io;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;

/// A source of ready clusters, handed out in the order of the file; the hits of each by (time, row,
/// column).
public non-sealed interface ClusterSource extends HitSource {
  /// The next cluster; null at the end.
  ///
  /// @throws org.pixelwake.base.InputException where too much of the source is malformed
  @Nullable Cluster next();
}
