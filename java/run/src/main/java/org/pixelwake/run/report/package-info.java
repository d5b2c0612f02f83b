/// Reports of runs.
@NullMarked
package org.pixelwake.run.report;

import org.jspecify.annotations.NullMarked;
