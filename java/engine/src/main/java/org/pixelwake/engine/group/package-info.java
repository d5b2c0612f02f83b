/// Processes that train together.
@NullMarked
package org.pixelwake.engine.group;

import org.jspecify.annotations.NullMarked;
