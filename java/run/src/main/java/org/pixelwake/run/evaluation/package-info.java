/// Trained models at work on given clusters: figures, embeddings, files.
@NullMarked
package org.pixelwake.run.evaluation;

import org.jspecify.annotations.NullMarked;
