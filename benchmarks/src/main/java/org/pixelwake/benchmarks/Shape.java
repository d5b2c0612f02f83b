package org.pixelwake.benchmarks;

import org.pixelwake.engine.Spec;

/// Size of a problem.
///
/// @param label as results write it
/// @param n images
/// @param h rows of the input
/// @param w columns of the input
/// @param in channels of the input
/// @param out channels of the output
record Shape(String label, int n, int h, int w, int in, int out) {
  static Shape of(int n, int h, int w, int in, int out) {
    String label = n + "x" + h + "x" + w + "x" + in;
    return new Shape(out == in ? label : label + " to " + out, n, h, w, in, out);
  }

  /// The size of a case; what it does not say is 1, and images have three channels.
  static Shape of(Spec spec) {
    int n = spec.number("n");
    int side = Math.round(spec.real("side", 1));
    int in = spec.number("c", IMAGE_CHANNELS);
    return switch (spec.family()) {
      case "optimizer" -> of(1, 1, 1, n, n);
      case "squeeze_excite" -> of(n, spec.number("h"), spec.number("w"), in, spec.number("s"));
      default -> {
        int out = spec.function().equals("supervised") ? spec.number("t") : spec.number("o", in);
        yield of(n, spec.number("h", side), spec.number("w", side), in, out);
      }
    };
  }

  private static final int IMAGE_CHANNELS = 3;
}
