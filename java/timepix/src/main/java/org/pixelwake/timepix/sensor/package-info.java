/// Timepix detectors: the sensor, and its response to energy that is deposited in it.
@NullMarked
package org.pixelwake.timepix.sensor;

import org.jspecify.annotations.NullMarked;
