/// Files that grow while a run goes on: CSV metrics and TensorBoard events.
@NullMarked
package org.pixelwake.report.log;

import org.jspecify.annotations.NullMarked;
