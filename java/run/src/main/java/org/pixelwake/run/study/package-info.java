/// Studies: trainings over variations and seeds, and the report that compares them.
@NullMarked
package org.pixelwake.run.study;

import org.jspecify.annotations.NullMarked;
