package org.pixelwake.benchmarks;

import java.util.Locale;

/// A library, and where it matters its configuration.
enum Contestant {
  PIXELWAKE,
  LIBTORCH_NCHW,
  LIBTORCH_CHANNELS_LAST,
  ND4J;

  /// As results write it.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
