/// The search for NVIDIA's libraries on this machine.
@NullMarked
package org.pixelwake.engine.library;

import org.jspecify.annotations.NullMarked;
