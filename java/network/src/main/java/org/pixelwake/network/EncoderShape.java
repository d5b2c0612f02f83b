package org.pixelwake.network;

import java.util.Locale;

/// The shape of an encoder: of images ([Architecture]) or of lists of hits ([HitsArchitecture]).
public sealed interface EncoderShape permits Architecture, HitsArchitecture {
  /// Its name, such as `efficientnet_b4` or `hits_s`.
  String name();

  /// Width of the embedding.
  int top();

  /// Probability of dropout before the classifier.
  float dropout();

  /// Returns the shape of a name.
  ///
  /// @throws org.pixelwake.base.InputException when there is none of that name
  static EncoderShape named(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith("hits")
        ? HitsArchitecture.named(name)
        : Architecture.named(name);
  }
}
