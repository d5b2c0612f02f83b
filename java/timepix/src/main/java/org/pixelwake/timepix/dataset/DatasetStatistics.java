package org.pixelwake.timepix.dataset;

/// Counts over a whole data set.
///
/// @param clusters number of rows
/// @param hits hits of all clusters together
/// @param sizes clusters by hit count, in powers of two
public record DatasetStatistics(long clusters, long hits, SizeHistogram sizes) {}
