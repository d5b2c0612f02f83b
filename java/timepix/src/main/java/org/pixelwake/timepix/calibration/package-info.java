/// Per-pixel energy calibration and masked pixels.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.calibration;
