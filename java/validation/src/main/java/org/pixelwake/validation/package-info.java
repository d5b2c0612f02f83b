/// Comparison of the simulation with published measurements and tables, and with measured frames.
///
/// Every reference is a small table with its source, in the resources of this package, or a formula
/// with its source beside it; the tests and `pixelwake validate` use the same.
@NullMarked
package org.pixelwake.validation;

import org.jspecify.annotations.NullMarked;
