/// Clusters from hits: 8-connected pixels, within a time window where the detector tells the time.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.clustering;
