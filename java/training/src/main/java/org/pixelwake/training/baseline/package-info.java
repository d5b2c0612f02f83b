/// What networks are compared with: boosted trees on the features of clusters.
@NullMarked
package org.pixelwake.training.baseline;

import org.jspecify.annotations.NullMarked;
