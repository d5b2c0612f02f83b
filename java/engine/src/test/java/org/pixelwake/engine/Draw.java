package org.pixelwake.engine;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor.Role;

/// Draws the tensors of a case and what they hold, as their storage holds it.
final class Draw {
  private final Random random;
  private final TensorValues values = new TensorValues();

  Draw(long seed, String line) {
    random = new Random(seed * 0x9E3779B97F4A7C15L + line.hashCode());
  }

  TensorValues values() {
    return values;
  }

  Random random() {
    return random;
  }

  Tensor input(String name, Storage storage, DoubleSupplier each, int... shape) {
    Tensor tensor = new Tensor(name, Role.INPUT, storage, shape);
    double[] all = new double[Math.toIntExact(tensor.elements())];
    Arrays.setAll(all, i -> each.getAsDouble());
    values.putRounded(tensor, all);
    return tensor;
  }

  /// Normally distributed f32.
  Tensor vector(String name, double mean, double deviation, int... shape) {
    return input(name, Storage.F32, () -> mean + deviation * random.nextGaussian(), shape);
  }

  Tensor uniform(String name, double low, double high, int... shape) {
    return input(name, Storage.F32, () -> low + (high - low) * random.nextDouble(), shape);
  }

  Tensor activation(String name, Storage storage, int... shape) {
    return input(name, storage, random::nextGaussian, shape);
  }

  Tensor output(String name, Storage storage, int... shape) {
    return new Tensor(name, Role.RESULT, storage, shape);
  }

  Tensor output(String name, int... shape) {
    return output(name, Storage.F32, shape);
  }

  /// An integer or struct input of that many bytes.
  Tensor raw(String name, int bytes, Object value) {
    Tensor tensor = new Tensor(name, Role.INPUT, Storage.F32, Math.max(1, Math.ceilDiv(bytes, 4)));
    values.put(tensor, value);
    return tensor;
  }

  /// Weights to be packed, in a tensor large enough for every backend's order of them: all pad
  /// output channels to less than a multiple of 64 and the depth by less than 8.
  Tensor packed(String name, InferenceCases.Folded folded) {
    int depth = folded.weight().length / folded.bias().length;
    int out = Math.ceilDiv(folded.bias().length, 64) * 64;
    Tensor tensor = new Tensor(name, Role.INPUT, Storage.F32, out, depth + 8);
    values.put(tensor, folded);
    return tensor;
  }

  /// Sites of a tensor (n, h, w, c) as `pw_pool_sites` writes them, a third of them active and of
  /// the last of several images none; null where the case has no option `sites`.
  @Nullable Tensor sites(Spec spec, int n, int h, int w) {
    if (!spec.has("sites")) {
      return null;
    }
    double[] all = new double[n * (h * w + 1)];
    for (int i = 0; i < n * h * w; i++) {
      boolean empty = n > 1 && i / (h * w) == n - 1;
      all[i] = !empty && random.nextInt(3) == 0 ? 1 : 0;
      all[n * h * w + i / (h * w)] += all[i];
    }
    Tensor tensor = new Tensor("sites", Role.INPUT, Storage.F32, all.length);
    values.putRounded(tensor, all);
    return tensor;
  }

  /// Scale, shift, mean and rstd.
  Tensor bn(String name, int c) {
    Tensor tensor = vector(name, 0, 0.5, 4, c);
    double[] all = values.get(tensor);
    for (int i = 0; i < c; i++) {
      all[i] = (float) (1 + 0.6 * all[i]);
      all[3 * c + i] = (float) (0.5 + Math.abs(all[3 * c + i]));
    }
    return tensor;
  }

  View view(String name, Transform transform, Storage storage, int n, int h, int w, int c) {
    Tensor data = activation(name, storage, n, h, w, c);
    Tensor bn = transform == Transform.NONE ? null : bn(name + " bn", c);
    Tensor gate =
        transform == Transform.BN_SILU_GATE ? uniform(name + " gate", 0.1, 0.95, n, c) : null;
    return new View(data, transform, bn, gate);
  }

  StepState step(float rate) {
    return new StepState(
        random.nextLong(), (1L << 33) + 1 + random.nextInt(1000), rate, 0.9, 0.999, 0.9);
  }

  Tensor stepTensor(StepState state) {
    return raw("step", Math.toIntExact(StepState.STEP.byteSize()), state);
  }

  /// A view of a tensor of the case's shape.
  View view(Spec spec, String name, Transform transform) {
    return view(
        name,
        transform,
        spec.storage(),
        spec.number("n"),
        spec.number("h"),
        spec.number("w"),
        spec.number("c"));
  }
}
