/// Plots: what is drawn over axes, described once, and the code that draws it as SVG.
@NullMarked
package org.pixelwake.report.plot;

import org.jspecify.annotations.NullMarked;
