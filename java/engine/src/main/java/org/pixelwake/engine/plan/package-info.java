/// Plans that are made of a graph before it runs: gradients, memory, what is computed again, and
/// passes of the optimizer.
@NullMarked
package org.pixelwake.engine.plan;

import org.jspecify.annotations.NullMarked;
