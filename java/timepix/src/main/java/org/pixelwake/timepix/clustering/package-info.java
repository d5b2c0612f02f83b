/// Clusters from hits: 8-connected pixels, within a time window where the detector tells the time.
@NullMarked
package org.pixelwake.timepix.clustering;

import org.jspecify.annotations.NullMarked;
