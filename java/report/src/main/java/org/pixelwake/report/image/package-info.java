/// Images of tracks: pixels, colour maps, crops and PNG files.
@NullMarked
package org.pixelwake.report.image;

import org.jspecify.annotations.NullMarked;
