package org.pixelwake.training;

import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pixelwake.engine.ParameterLayout;

/// Learning rates that fall from the head to the stem by a factor a stage: lower stages find what
/// all tracks have and should change less (Howard & Ruder 2018, "Universal language model
/// fine-tuning", discriminative fine-tuning).
final class LayerRates {
  private static final Pattern STAGE = Pattern.compile("features\\.(\\d+)\\..*");

  private LayerRates() {}

  /// Whether a parameter belongs to the encoder.
  static boolean ofEncoder(String name) {
    return name.startsWith("features.");
  }

  /// Factors of the learning rate by the parameters' names: 1 for the head, `decay` for the last
  /// stage of the encoder, its square for the one below, and so on.
  static ToDoubleFunction<String> of(ParameterLayout layout, double decay) {
    int last = layout.entries().stream().mapToInt(e -> stage(e.name())).max().orElse(0);
    return name -> ofEncoder(name) ? Math.pow(decay, last - stage(name) + 1) : 1;
  }

  private static int stage(String name) {
    Matcher matcher = STAGE.matcher(name);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
