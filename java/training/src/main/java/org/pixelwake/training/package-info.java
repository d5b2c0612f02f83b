/// Where detector data and networks meet: input pipeline, labels, schedules, pretraining,
/// finetuning, what trained networks make of clusters.
@NullMarked
package org.pixelwake.training;

import org.jspecify.annotations.NullMarked;
