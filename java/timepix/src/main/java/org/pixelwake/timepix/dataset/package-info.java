/// Data sets of clusters: Parquet files of one row a cluster, columns in memory, balancing by size
/// and splitting.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.dataset;
