/// Hits and clusters of Timepix detectors.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix;
