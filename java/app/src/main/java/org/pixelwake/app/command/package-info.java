/// The commands, one class each.
@NullMarked
package org.pixelwake.app.command;

import org.jspecify.annotations.NullMarked;
