/// Streaming readers and writers of the file formats of Timepix detectors.
@NullMarked
package org.pixelwake.timepix.io;

import org.jspecify.annotations.NullMarked;
