/// Where detector data and networks meet: input pipeline, schedules, pretraining, reconstruction.
@NullMarked
package org.pixelwake.training;

import org.jspecify.annotations.NullMarked;
