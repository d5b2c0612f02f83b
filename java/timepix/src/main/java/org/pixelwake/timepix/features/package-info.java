/// What is measured of a cluster: its size, shape, direction and energy.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.features;
