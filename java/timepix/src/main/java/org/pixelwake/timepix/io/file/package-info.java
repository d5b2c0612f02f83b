/// What all readers and writers of files share: files behind a path, bytes and numbers of text,
/// counts of what was read, and text that is written.
@NullMarked
package org.pixelwake.timepix.io.file;

import org.jspecify.annotations.NullMarked;
