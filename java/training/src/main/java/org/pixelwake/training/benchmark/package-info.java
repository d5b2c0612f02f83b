/// The speed of training steps and of the encoder, on made-up clusters.
@NullMarked
package org.pixelwake.training.benchmark;

import org.jspecify.annotations.NullMarked;
