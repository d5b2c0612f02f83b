package org.pixelwake.spark;

import java.io.Serializable;

/// What became of a source.
///
/// @param clusters clusters written; without any there is no file
/// @param malformed records that were skipped
/// @param notices what the user should know, or the reason of the failure
/// @param failed whether nothing was written because it cannot be read
record Outcome(Part part, long clusters, long hits, long malformed, String notices, boolean failed)
    implements Serializable {}
