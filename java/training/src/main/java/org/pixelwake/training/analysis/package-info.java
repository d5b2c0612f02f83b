/// What feature vectors of clusters hold: principal axes, groups, maps in two dimensions and the
/// physical quantities that a line through them tells.
@NullMarked
package org.pixelwake.training.analysis;

import org.jspecify.annotations.NullMarked;
