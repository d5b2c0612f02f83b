/// The base of every module: input errors, progress, random numbers, atomic files, spreads.
@NullMarked
package org.pixelwake.base;

import org.jspecify.annotations.NullMarked;
