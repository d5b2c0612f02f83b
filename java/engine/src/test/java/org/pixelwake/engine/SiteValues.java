package org.pixelwake.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The sites that an average is taken over, of images of `pixels` pixels each.
///
/// @param active whether a row of the tensor is one
/// @param divisors numbers of the sites of each image, 1 where it has none
record SiteValues(int pixels, boolean[] active, double[] divisors) {
  static SiteValues of(@Nullable Tensor sites, int n, int pixels, TensorValues v) {
    boolean[] active = new boolean[n * pixels];
    double[] divisors = new double[n];
    if (sites == null) {
      Arrays.fill(active, true);
      Arrays.fill(divisors, pixels);
      return new SiteValues(pixels, active, divisors);
    }
    double[] values = v.get(sites);
    for (int row = 0; row < active.length; row++) {
      active[row] = values[row] != 0;
      divisors[row / pixels] += active[row] ? 1 : 0;
    }
    return new SiteValues(
        pixels, active, Arrays.stream(divisors).map(count -> Math.max(1, count)).toArray());
  }

  /// Part of a row in its image's average.
  double share(int row) {
    return active[row] ? 1 / divisors[row / pixels] : 0;
  }
}
