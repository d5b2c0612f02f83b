package org.pixelwake.network;

import java.util.Arrays;
import java.util.function.Consumer;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;

/// The parameters of the building blocks, under the names that torchvision gives them.
final class Layer {
  private Layer() {}

  /// How a parameter starts.
  enum Start {
    /// Normal with standard deviation sqrt(2 / fan out), as torchvision's EfficientNet (He et al.
    /// 2015).
    KAIMING_FAN_OUT,
    /// Uniform within 1 / sqrt(fan in), PyTorch's default for convolutions and their biases.
    UNIFORM_FAN_IN,
    /// Uniform within 1 / sqrt(outputs), torchvision's classifier.
    UNIFORM_OUTPUTS,
    ZERO,
    ONE
  }

  /// A parameter with its start.
  ///
  /// @param fanIn inputs of one output, where `start` needs them
  record Spec(Entry entry, Start start, int fanIn) {}

  /// Convolution weight as PyTorch shapes it; the fan-in is that of PyTorch's rule, second
  /// dimension times kernel area.
  static Spec weight(String name, Start start, int... shape) {
    int fanIn = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
    return new Spec(entry(name, Group.DECAYED, shape), start, fanIn);
  }

  static Spec bias(String name, Start start, int fanIn, int c) {
    return new Spec(entry(name, Group.UNDECAYED, c), start, fanIn);
  }

  private static void batchNorm(String prefix, int c, Consumer<Spec> sink) {
    sink.accept(new Spec(entry(prefix + ".weight", Group.UNDECAYED, c), Start.ONE, 0));
    sink.accept(new Spec(entry(prefix + ".bias", Group.UNDECAYED, c), Start.ZERO, 0));
    sink.accept(new Spec(entry(prefix + ".running_mean", Group.STATE, c), Start.ZERO, 0));
    sink.accept(new Spec(entry(prefix + ".running_var", Group.STATE, c), Start.ONE, 0));
  }

  /// A convolution with its batch norm: `prefix.0` and `prefix.1`.
  static void normalised(String prefix, Start start, Consumer<Spec> sink, int... shape) {
    sink.accept(weight(prefix + ".0.weight", start, shape));
    batchNorm(prefix + ".1", shape[0], sink);
  }

  /// Squeeze-excite: `prefix.fc1` and `prefix.fc2`, 1x1 convolutions with biases.
  static void squeezeExcite(
      String prefix, int c, int squeeze, boolean encoder, Consumer<Spec> sink) {
    Start weights = encoder ? Start.KAIMING_FAN_OUT : Start.UNIFORM_FAN_IN;
    Start biases = encoder ? Start.ZERO : Start.UNIFORM_FAN_IN;
    sink.accept(weight(prefix + ".fc1.weight", weights, squeeze, c, 1, 1));
    sink.accept(bias(prefix + ".fc1.bias", biases, c, squeeze));
    sink.accept(weight(prefix + ".fc2.weight", weights, c, squeeze, 1, 1));
    sink.accept(bias(prefix + ".fc2.bias", biases, squeeze, c));
  }

  private static Entry entry(String name, Group group, int... shape) {
    return new Entry(name, group, Arrays.stream(shape).boxed().toList());
  }
}
