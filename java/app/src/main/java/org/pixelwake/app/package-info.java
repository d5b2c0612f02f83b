/// The command line: `pixelwake COMMAND`.
@NullMarked
package org.pixelwake.app;

import org.jspecify.annotations.NullMarked;
