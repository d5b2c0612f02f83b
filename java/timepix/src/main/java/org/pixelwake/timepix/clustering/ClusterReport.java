package org.pixelwake.timepix.clustering;

import java.util.List;
import org.pixelwake.timepix.io.ReadReport;

/// What a [ClusterStream] has given so far. Final once it has ended.
///
/// @param read what was read and what was left out
/// @param clusters clusters given
/// @param lateHits hits left out because they came later than the sorting window allows
/// @param cutClusters times a cluster was cut at the most hits allowed
/// @param notices what the user should know, the reader's notices included
public record ClusterReport(
    ReadReport read, long clusters, long lateHits, long cutClusters, List<String> notices) {}
