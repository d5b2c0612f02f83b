/// What is made of a graph before it runs: gradients, memory, what is computed again, passes of the
/// optimizer.
@NullMarked
package org.pixelwake.engine.plan;

import org.jspecify.annotations.NullMarked;
