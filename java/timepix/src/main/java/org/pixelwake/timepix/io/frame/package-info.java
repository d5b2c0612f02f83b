/// Readers and writers of frames.
@NullMarked
package org.pixelwake.timepix.io.frame;

import org.jspecify.annotations.NullMarked;
