/// EfficientNets, the autoencoder made of one, and the comparison with the numbers of the
/// reference.
@NullMarked
package org.pixelwake.network;

import org.jspecify.annotations.NullMarked;
