package org.pixelwake.jcuda;

import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.Storage;

/// How far our results are from the baseline's: root-mean-square errors relative to it.
record Comparison(double y, double dx, double dw) {
  /// What rounding explains. bf16 is rounded to 2^-9 as it is stored, by both sides; sums of f32 in
  /// another order differ by a few 2^-24 times the square root of their length.
  static double tolerance(Storage storage) {
    return storage == Storage.F32 ? 1e-4 : 1e-2;
  }

  /// Runs both sides once and compares.
  ///
  /// @param gradients type of the baseline's dw
  static Comparison of(Device device, Operands o, Side ours, Side theirs, ElementType gradients) {
    for (Side side : new Side[] {ours, theirs}) {
      side.forward();
      side.backward();
    }
    device.synchronize();
    float[] dw = o.order(DeviceValues.download(device, o.ours.dw(), ElementType.F32));
    return new Comparison(
        error(device, o.theirs.y(), o.ours.y(), o.type),
        error(device, o.theirs.dx(), o.ours.dx(), o.type),
        DeviceValues.relativeError(DeviceValues.download(device, o.theirs.dw(), gradients), dw));
  }

  private static double error(Device device, Memory expected, Memory actual, ElementType type) {
    return DeviceValues.relativeError(
        DeviceValues.download(device, expected, type), DeviceValues.download(device, actual, type));
  }

  /// The largest; not a number where one is.
  double worst() {
    return Math.max(y, Math.max(dx, dw));
  }

  @Override
  public String toString() {
    return "y %.1e, dx %.1e, dw %.1e".formatted(y, dx, dw);
  }
}
