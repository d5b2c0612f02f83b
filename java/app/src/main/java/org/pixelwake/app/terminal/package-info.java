/// What a person at a terminal sees: lines, progress, tables, errors, and Ctrl-C.
@NullMarked
package org.pixelwake.app.terminal;

import org.jspecify.annotations.NullMarked;
