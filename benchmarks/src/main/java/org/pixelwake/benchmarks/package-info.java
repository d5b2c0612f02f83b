/// Training steps of other libraries, measured as Pixelwake measures its own.
@NullMarked
package org.pixelwake.benchmarks;

import org.jspecify.annotations.NullMarked;
