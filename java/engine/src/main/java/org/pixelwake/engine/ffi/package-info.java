/// The C interface of the native libraries, as Java calls it.
@NullMarked
package org.pixelwake.engine.ffi;

import org.jspecify.annotations.NullMarked;
