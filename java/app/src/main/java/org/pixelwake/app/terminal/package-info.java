/// The terminal of a person: lines, progress, tables, errors, and Ctrl-C.
@NullMarked
package org.pixelwake.app.terminal;

import org.jspecify.annotations.NullMarked;
