/// Pages: HTML, its numbers and texts, and the reports that are written as pages and figures.
@NullMarked
package org.pixelwake.report.page;

import org.jspecify.annotations.NullMarked;
