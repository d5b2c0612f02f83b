/// Timepix detectors: the sensor, and its response to energy that is deposited in it.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.sensor;
