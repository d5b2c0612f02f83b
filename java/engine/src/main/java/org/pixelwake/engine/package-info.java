/// Tensors, graph of operations, autograd, memory plan, executor and backends.
@NullMarked
package org.pixelwake.engine;

import org.jspecify.annotations.NullMarked;
