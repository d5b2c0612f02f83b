/// Per-pixel energy calibration and masked pixels.
@NullMarked
package org.pixelwake.timepix.calibration;

import org.jspecify.annotations.NullMarked;
