/// Runs of training: their folders, their metrics and their life from start to report.
@NullMarked
package org.pixelwake.run;

import org.jspecify.annotations.NullMarked;
