package org.pixelwake.timepix.dataset;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Truth;

/// What is known of each of many clusters beside its hits: by this they are labelled
/// ([SourceClass], the truth) and divided ([Split]), whether the hits are in memory
/// ([ClusterTable]) or not.
///
/// Implementations are immutable and may be read by many threads.
public interface ClusterRows {
  /// Number of clusters.
  int count();

  /// Number of hits of a cluster, at least 1.
  int size(int cluster);

  /// Frame number of a cluster; 0 in data-driven readout.
  long frame(int cluster);

  /// Index of the source of a cluster in [DatasetInfo#sources].
  int source(int cluster);

  /// The particle that made a cluster, or null where it is not known.
  @Nullable Truth truth(int cluster);

  /// Returns whether the truth of any cluster is known.
  boolean hasTruth();

  /// Number of hits of each cluster, as a new array: what [Balancer] takes.
  default int[] sizes() {
    int[] sizes = new int[count()];
    for (int cluster = 0; cluster < sizes.length; cluster++) {
      sizes[cluster] = size(cluster);
    }
    return sizes;
  }
}
