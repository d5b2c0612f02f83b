/// Data sets and tables, made of detector files, of other data sets and by simulation.
@NullMarked
package org.pixelwake.run.data;

import org.jspecify.annotations.NullMarked;
