/// The benchmark of the field: versioned tasks on simulated clusters, entries of Pixelwake's own,
/// and scores of anybody's predictions.
@NullMarked
package org.pixelwake.run.benchmark;

import org.jspecify.annotations.NullMarked;
