/// Tensor files: safetensors, and the checkpoints that `torch.save` writes.
@NullMarked
package org.pixelwake.network.checkpoint;

import org.jspecify.annotations.NullMarked;
