/// The numbers of a study: how well clusters are classified and quantities are estimated, with
/// bootstrap intervals over clusters and summaries over seeds.
@NullMarked
package org.pixelwake.training.metrics;

import org.jspecify.annotations.NullMarked;
