/// Operations: a record for each family and direction.
@NullMarked
package org.pixelwake.engine.op;

import org.jspecify.annotations.NullMarked;
