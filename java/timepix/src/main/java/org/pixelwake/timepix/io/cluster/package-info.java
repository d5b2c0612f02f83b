/// Readers and writers of ready clusters.
@NullMarked
package org.pixelwake.timepix.io.cluster;

import org.jspecify.annotations.NullMarked;
