package org.pixelwake.benchmarks;

import java.util.Locale;

/// A library, and where it matters its configuration.
enum Contestant {
  PIXELWAKE,
  LIBTORCH_NCHW,
  LIBTORCH_CHANNELS_LAST,
  ND4J;

  /// The contestant of that label.
  static Contestant of(String label) {
    for (Contestant contestant : values()) {
      if (contestant.label().equals(label)) {
        return contestant;
      }
    }
    throw new IllegalArgumentException("there is no contestant " + label);
  }

  /// As results write it.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
