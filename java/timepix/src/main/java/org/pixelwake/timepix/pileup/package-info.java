/// Pile-ups: clusters that two particles made, put together from measured or simulated clusters of
/// one particle each.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.pileup;
