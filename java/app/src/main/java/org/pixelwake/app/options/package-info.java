/// Options that several commands share.
@NullMarked
package org.pixelwake.app.options;

import org.jspecify.annotations.NullMarked;
