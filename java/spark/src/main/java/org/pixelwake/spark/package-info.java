/// Detector data to data sets of clusters on many machines, by Apache Spark.
@NullMarked
package org.pixelwake.spark;

import org.jspecify.annotations.NullMarked;
