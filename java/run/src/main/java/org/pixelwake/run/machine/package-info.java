/// The machine that runs: what it has, and what it could reach.
@NullMarked
package org.pixelwake.run.machine;

import org.jspecify.annotations.NullMarked;
