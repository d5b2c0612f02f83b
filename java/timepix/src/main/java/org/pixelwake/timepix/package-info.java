/// Hits and clusters of Timepix detectors.
@NullMarked
package org.pixelwake.timepix;

import org.jspecify.annotations.NullMarked;
