/// Readers and writers of hits with times of arrival, and what puts them into the order of time.
@NullMarked
package org.pixelwake.timepix.io.hit;

import org.jspecify.annotations.NullMarked;
