/// Sections of reports: each shows one kind of result and has an entry in the table of contents.
@NullMarked
package org.pixelwake.report.section;

import org.jspecify.annotations.NullMarked;
