/// Options that say how detector data are read, and which clusters of it are taken.
@NullMarked
package org.pixelwake.options;

import org.jspecify.annotations.NullMarked;
