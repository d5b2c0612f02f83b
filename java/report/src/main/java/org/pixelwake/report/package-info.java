/// Files a run leaves for people to read: a self-contained HTML report, TensorBoard events, CSV
/// metrics and PNG images.
@NullMarked
package org.pixelwake.report;

import org.jspecify.annotations.NullMarked;
