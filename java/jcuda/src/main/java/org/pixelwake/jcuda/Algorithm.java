package org.pixelwake.jcuda;

import java.util.List;

/// A way of cuDNN's to compute a convolution, as its heuristics or measurements report it.
///
/// @param number in cuDNN's enumeration for the pass
/// @param status `cudnnStatus_t` of trying it; 0 where it works
/// @param workspace bytes of scratch that it needs
record Algorithm(int number, int status, long workspace) {
  /// The first that works with so much scratch; cuDNN lists the fastest first.
  ///
  /// @param what the convolution and pass for people
  /// @throws LibraryException when there is none
  static Algorithm first(List<Algorithm> candidates, long limit, String what) {
    for (Algorithm candidate : candidates) {
      if (candidate.status == 0 && candidate.workspace <= limit) {
        return candidate;
      }
    }
    long working = candidates.stream().filter(c -> c.status == 0).count();
    throw new LibraryException(
        "cuDNN has no algorithm for %s%s"
            .formatted(
                what,
                working == 0
                    ? ""
                    : " with %d bytes of scratch; %d need more".formatted(limit, working)));
  }
}
